//! Telephone samples: eight bits on a logarithmic scale.
//!
//! Source: ITU-T G.711 (1988), tables 1 and 2. The values are those of its reference code in 16 bits
//! (ITU-T G.191, `ulaw_expand` and `alaw_expand`), which all programs of the field have.

/// The sample of each mu-law code, full scale at ±1.0.
pub(crate) static MU_LAW: [f32; 256] = {
    let mut table = [0.0; 256];
    let mut code = 0;
    while code < 256 {
        table[code] = mu_law(code as u8) as f32 / 32768.0;
        code += 1;
    }
    table
};

/// The sample of each A-law code, full scale at ±1.0.
pub(super) static A_LAW: [f32; 256] = {
    let mut table = [0.0; 256];
    let mut code = 0;
    while code < 256 {
        table[code] = a_law(code as u8) as f32 / 32768.0;
        code += 1;
    }
    table
};

const fn mu_law(code: u8) -> i16 {
    let code = !code;
    let (segment, step) = ((code >> 4) & 7, (code & 15) as i16);
    let size = ((2 * step + 33) << segment) - 33;
    4 * if code & 0x80 != 0 { -size } else { size }
}

const fn a_law(code: u8) -> i16 {
    let code = code ^ 0x55;
    let (segment, step) = ((code >> 4) & 7, (code & 15) as i16);
    let size = match segment {
        0 => 2 * step + 1,
        _ => (2 * step + 33) << (segment - 1),
    };
    8 * if code & 0x80 != 0 { size } else { -size }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_both_scales_are_those_of_the_standard() {
        let mu = |code: usize| (MU_LAW[code] * 32768.0) as i32;
        assert_eq!([0x00, 0x80, 0x7F, 0xFF, 0x01].map(mu), [-32_124, 32_124, 0, 0, -31_100]);
        let a = |code: usize| (A_LAW[code] * 32768.0) as i32;
        assert_eq!([0x2A, 0xAA, 0x55, 0xD5, 0x54].map(a), [-32_256, 32_256, -8, 8, -24]);
    }
}
