//! Numbers in headers, in either byte order.

/// The order of a number's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

impl Order {
    /// The number of two bytes that begins at `at`.
    ///
    /// # Panics
    /// If there are not so many bytes; so with the others.
    pub(super) fn u16(self, bytes: &[u8], at: usize) -> u16 {
        self.pick(bytes, at, u16::from_le_bytes, u16::from_be_bytes)
    }

    pub(super) fn u32(self, bytes: &[u8], at: usize) -> u32 {
        self.pick(bytes, at, u32::from_le_bytes, u32::from_be_bytes)
    }

    pub(super) fn u64(self, bytes: &[u8], at: usize) -> u64 {
        self.pick(bytes, at, u64::from_le_bytes, u64::from_be_bytes)
    }

    fn pick<const N: usize, T>(
        self,
        bytes: &[u8],
        at: usize,
        little: fn([u8; N]) -> T,
        big: fn([u8; N]) -> T,
    ) -> T {
        let mut number = [0; N];
        number.copy_from_slice(&bytes[at..at + N]);
        match self {
            Order::Little => little(number),
            Order::Big => big(number),
        }
    }
}
