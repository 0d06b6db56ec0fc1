//! Memory for numbers of frames side by side.

/// The bytes of a cache line, which is as much as the widest vectors have.
const LINE: usize = 64;

/// Numbers of frames side by side, as many lanes of each as vectors have.
///
/// They begin with a cache line, so that no vector lies in two: where all of AVX-512 do, a frame takes
/// 1.2 times as long.
#[derive(Debug, Default)]
pub(crate) struct LaneBuffer {
    numbers: Vec<f32>,
    len: usize,
}

/// Complex numbers in memory: the real parts of all lanes, and then the imaginary ones.
pub(crate) type ComplexArray<const N: usize> = [[f32; N]; 2];

impl LaneBuffer {
    /// Makes room for `len` numbers in all. They may be dirty.
    pub(crate) fn resize(&mut self, len: usize) {
        // A `Vec` is aligned for one number.
        self.numbers.resize(len + LINE / size_of::<f32>() - 1, 0.0);
        self.len = len;
    }

    /// Makes room for `len` numbers in all, or leaves more as they are.
    pub(crate) fn grow(&mut self, len: usize) {
        if self.len < len {
            self.resize(len);
        }
    }

    /// Returns the numbers, `N` lanes of each.
    #[inline(always)]
    pub(crate) fn lanes<const N: usize>(&self) -> &[[f32; N]] {
        let begin = self.begin();
        self.numbers.get(begin..begin + self.len).unwrap_or_default().as_chunks().0
    }

    /// Returns the numbers, `N` lanes of each.
    #[inline(always)]
    pub(crate) fn lanes_mut<const N: usize>(&mut self) -> &mut [[f32; N]] {
        let begin = self.begin();
        self.numbers.get_mut(begin..begin + self.len).unwrap_or_default().as_chunks_mut().0
    }

    /// Returns the numbers as complex ones, `N` lanes of each.
    #[inline(always)]
    pub(crate) fn complex<const N: usize>(&self) -> &[ComplexArray<N>] {
        self.lanes().as_chunks().0
    }

    /// Returns the numbers as complex ones, `N` lanes of each.
    #[inline(always)]
    pub(crate) fn complex_mut<const N: usize>(&mut self) -> &mut [ComplexArray<N>] {
        self.lanes_mut().as_chunks_mut().0
    }

    #[inline(always)]
    fn begin(&self) -> usize {
        self.numbers.as_ptr().align_offset(LINE)
    }

    /// Counts the bytes that it holds on to.
    #[cfg(test)]
    pub(crate) fn num_bytes(&self) -> usize {
        self.numbers.capacity() * size_of::<f32>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_begin_with_a_cache_line_however_often_they_move() {
        let mut buffer = LaneBuffer::default();
        assert!(buffer.lanes::<8>().is_empty());
        for len in (16..4000).step_by(112) {
            buffer.resize(len);
            assert_eq!(buffer.lanes_mut::<8>().as_ptr() as usize % LINE, 0);
            assert_eq!(buffer.lanes::<16>().len(), len / 16);
            assert_eq!(buffer.complex::<8>().len(), len / 16);
            assert_eq!(buffer.complex_mut::<8>().as_ptr().cast(), buffer.lanes::<16>().as_ptr());
        }
        let len = buffer.lanes::<8>().len();
        buffer.grow(16);
        assert_eq!(buffer.lanes::<8>().len(), len);
    }
}
