//! The operators of vectors.

/// Implements the operators of a vector that is one register.
macro_rules! operators {
    ($name:ident, $add:ident, $sub:ident, $mul:ident, $div:ident) => {
        operators!($name: Add::add by $add);
        operators!($name: Sub::sub by $sub);
        operators!($name: Mul::mul by $mul);
        operators!($name: Div::div by $div);

        impl std::ops::Mul<f32> for $name {
            type Output = $name;
            #[inline(always)]
            fn mul(self, factor: f32) -> $name {
                self * $name::splat(factor)
            }
        }
    };
    ($name:ident: $trait:ident::$function:ident by $instruction:ident) => {
        impl std::ops::$trait for $name {
            type Output = $name;
            #[inline(always)]
            fn $function(self, other: $name) -> $name {
                // SAFETY: wherever there is such a vector, the machine has its instructions: see the type.
                $name(unsafe { $instruction(self.0, other.0) })
            }
        }
    };
}
