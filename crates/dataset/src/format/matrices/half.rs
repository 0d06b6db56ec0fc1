//! Half precision.

/// Returns the number that 16 bits are in IEEE 754's binary16.
pub(super) fn from_bits(bits: u16) -> f32 {
    let sign = u32::from(bits >> 15) << 31;
    let (exponent, fraction) = (u32::from(bits >> 10) & 0x1f, u32::from(bits) & 0x3ff);
    match exponent {
        // Subnormal: a multiple of 2⁻²⁴, which float32 holds as it is.
        0 => f32::from_bits(sign | (fraction as f32 / 16_777_216.0).to_bits()),
        0x1f => f32::from_bits(sign | 0x7f80_0000 | fraction << 13),
        _ => f32::from_bits(sign | (exponent + 112) << 23 | fraction << 13),
    }
}

#[cfg(test)]
mod tests {
    use super::from_bits;

    #[test]
    fn known_halves_are_what_the_standard_says() {
        // IEEE 754-2008, binary16: 1, the largest, the least normal, the least subnormal, -2, 1/3 rounded.
        let known = [
            (0x3c00, 1.0),
            (0x7bff, 65504.0),
            (0x0400, 6.103_515_6e-5),
            (0x0001, 5.960_464_5e-8),
            (0xc000, -2.0),
            (0x3555, 0.333_251_95),
        ];
        for (bits, value) in known {
            assert_eq!(from_bits(bits), value, "{bits:x}");
        }
        assert!(from_bits(0x7c00).is_infinite() && from_bits(0x7e00).is_nan());
        assert_eq!(from_bits(0x8000).to_bits(), (-0.0f32).to_bits());
    }
}
