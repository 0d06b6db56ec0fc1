//! Predictions of samples from those before, to which differences are added.

/// The most samples that a prediction looks at.
pub(super) const MOST_ORDER: usize = 32;

/// Makes samples of differences, by a polynomial through the last `order` samples.
///
/// - `samples`: `order` samples, and differences behind them
pub(super) fn fixed(order: usize, samples: &mut [i32]) {
    // Wrapping, as damage may give any number; what an encoder makes never does.
    match order {
        0 => {}
        1 => add(samples, |[a]: [i32; 1]| a),
        2 => add(samples, |[b, a]: [i32; 2]| a.wrapping_mul(2).wrapping_sub(b)),
        3 => add(samples, |[c, b, a]: [i32; 3]| a.wrapping_sub(b).wrapping_mul(3).wrapping_add(c)),
        _ => add(samples, |[d, c, b, a]: [i32; 4]| {
            let outer = a.wrapping_add(c).wrapping_mul(4);
            outer.wrapping_sub(b.wrapping_mul(6)).wrapping_sub(d)
        }),
    }
}

#[inline(always)]
fn add<const N: usize>(samples: &mut [i32], predict: impl Fn([i32; N]) -> i32) {
    let Some((&warm, rest)) = samples.split_first_chunk_mut::<N>().map(|(a, b)| (&*a, b)) else {
        return;
    };
    let mut past = warm;
    for sample in rest {
        *sample = sample.wrapping_add(predict(past));
        past.rotate_left(1);
        past[N - 1] = *sample;
    }
}

/// Makes samples of differences, by a sum of the last samples times coefficients, shifted down.
///
/// - `coefficients`: of the last sample first, at most [`MOST_ORDER`]
/// - `width`: the bits of a sample
/// - `samples`: as many samples as coefficients, and differences behind them
pub(super) fn linear(coefficients: &[i32], shift: u32, width: u32, samples: &mut [i32]) {
    let largest: u64 = coefficients.iter().map(|c| u64::from(c.unsigned_abs())).sum();
    // Most encoders keep sums within 32 bits.
    let is_small = width <= 32 && largest << (width - 1) < 1 << 31;
    macro_rules! of_order {
        ($($order:literal)*) => {
            match coefficients.len() {
                $($order if is_small => of_32::<$order>(coefficients, shift, samples),)*
                $($order => of_64::<$order>(coefficients, shift, samples),)*
                _ => of_any_order(coefficients, shift, samples),
            }
        };
    }
    of_order!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16);
}

/// What is known of the next sums: each sample adds its share to all of them at once, so that only one
/// product lies between a sample and the next.
macro_rules! by_shares {
    ($name:ident, $number:ty) => {
        fn $name<const N: usize>(coefficients: &[i32], shift: u32, samples: &mut [i32]) {
            let Some(coefficients) = coefficients.first_chunk::<N>() else { return };
            let coefficients = coefficients.map(<$number>::from);
            let mut sums: [$number; N] = [0; N];
            let share = |sums: &mut [$number; N], sample: i32| {
                for n in 0..N {
                    let next = if n + 1 < N { sums[n + 1] } else { 0 };
                    sums[n] = next.wrapping_add(coefficients[n].wrapping_mul(sample.into()));
                }
            };
            let Some((warm, rest)) = samples.split_at_mut_checked(N) else { return };
            for sample in warm {
                share(&mut sums, *sample);
            }
            for sample in rest {
                *sample = sample.wrapping_add((sums[0] >> shift) as i32);
                share(&mut sums, *sample);
            }
        }
    };
}

by_shares!(of_32, i32);
by_shares!(of_64, i64);

fn of_any_order(coefficients: &[i32], shift: u32, samples: &mut [i32]) {
    let order = coefficients.len();
    for end in order..samples.len() {
        let past = samples[end - order..end].iter().rev();
        let products = past.zip(coefficients).map(|(&s, &c)| i64::from(s) * i64::from(c));
        let sum: i64 = products.sum();
        samples[end] = samples[end].wrapping_add((sum >> shift) as i32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ossicle_testing::Random;

    #[test]
    fn polynomials_are_binomial_sums() {
        let mut random = Random::with_seed(1);
        let differences: Vec<i32> = (0..50).map(|_| random.i32(-9..9)).collect();
        for (order, coefficients) in
            [&[][..], &[1], &[2, -1], &[3, -3, 1], &[4, -6, 4, -1]].into_iter().enumerate()
        {
            let (mut found, mut expected) = (differences.clone(), differences.clone());
            fixed(order, &mut found);
            of_any_order(coefficients, 0, &mut expected);
            assert_eq!(found, expected, "{order}");
        }
    }

    #[test]
    fn sums_of_either_width_are_those_of_the_definition() {
        let mut random = Random::with_seed(2);
        for order in 1..=MOST_ORDER {
            for width in [8, 16, 24] {
                let coefficients: Vec<i32> = (0..order).map(|_| random.i32(-60..60)).collect();
                let mut found: Vec<i32> = (0..300).map(|_| random.i32(-20..20)).collect();
                let mut expected = found.clone();
                linear(&coefficients, 9, width, &mut found);
                of_any_order(&coefficients, 9, &mut expected);
                assert_eq!(found, expected, "{order}, {width}");
            }
        }
        // Too few samples are none.
        linear(&[1; 5], 1, 16, &mut [0; 3]);
    }
}
