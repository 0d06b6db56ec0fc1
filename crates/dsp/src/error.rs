//! What can be wrong with a configuration.

/// A configuration that cannot be computed. Each message shows the value and what is allowed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant's message says what its fields are")]
pub enum Error {
    #[error("the sample rate is 0; it must be positive")]
    SampleRate,
    #[error("the frame length is {length} samples; it must be from 1 to n_fft = {n_fft}")]
    FrameLength { length: usize, n_fft: usize },
    #[error("the frame shift is 0 samples; it must be positive")]
    FrameShift,
    #[error("n_fft is {n_fft}; it must be even, at most 2^20, and a product of 2s, 3s and 5s")]
    FftSize { n_fft: usize },
    #[error("num_mel_bins is {num_mel_bins}; it must be from 1 to 4096")]
    MelBins { num_mel_bins: usize },
    #[error(
        "the mel filters would span {low_hz} Hz to {high_hz} Hz; they must rise within 0 Hz to \
         {nyquist_hz} Hz, half the sample rate"
    )]
    MelRange { low_hz: f64, high_hz: f64, nyquist_hz: f64 },
    #[error("num_ceps is {num_ceps}; it must be from 1 to num_mel_bins = {num_mel_bins}")]
    Cepstra { num_ceps: usize, num_mel_bins: usize },
    #[error(
        "{num_columns} columns of {bins_per_column} bins are {}; n_fft = {n_fft} has {} bins",
        num_columns.saturating_mul(*bins_per_column),
        n_fft / 2 + 1
    )]
    SpectrogramColumns { num_columns: usize, bins_per_column: usize, n_fft: usize },
    #[error("floor is {floor}; it must be a positive number of at least 1.2e-38")]
    DecibelFloor { floor: f32 },
    #[error("top_db is {top_db}; it must be positive")]
    TopDb { top_db: f32 },
    #[error("the delta window is {window} frames; it must be from 1 to 100")]
    DeltaWindow { window: usize },
    #[error("the delta order is {order}; it must be from 0 to 4")]
    DeltaOrder { order: usize },
}
