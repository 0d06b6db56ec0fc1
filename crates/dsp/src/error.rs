//! Errors of configurations, and of samples and events that cannot be taken.

use crate::frames::FrameLayout;

/// A configuration that cannot be computed. Each message shows the value and what is allowed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant's message says what its fields are")]
pub enum Error {
    #[error("there is no feature")]
    NoFeature,
    #[error("the sample rate is 0; it must be positive")]
    SampleRate,
    #[error("the frame length is {length} samples; it must be from 1 to n_fft = {n_fft}")]
    FrameLength { length: usize, n_fft: usize },
    #[error("the frame shift is 0 samples; it must be positive")]
    FrameShift,
    #[error(
        "{before} samples would stand before the first; they must be fewer than the frame's {length}"
    )]
    FramePadding { before: usize, length: usize },
    #[error(
        "a chunk has {samples} samples; it must have from 1 to {most}, a multiple of the frame shift, {shift}"
    )]
    FrameChunk { samples: usize, shift: usize, most: usize },
    #[error("frames in chunks are computed a chunk at a time, by `Chunked`")]
    InChunks,
    #[error("n_fft is {n_fft}; it must be from 1 to 2^20")]
    FftSize { n_fft: usize },
    #[error("num_mel_bins is {num_mel_bins}; it must be from 1 to 4096")]
    MelBins { num_mel_bins: usize },
    #[error(
        "the mel filters would span {low_hz} Hz to {high_hz} Hz; they must rise within 0 Hz to \
         {nyquist_hz} Hz, half the sample rate"
    )]
    MelRange { low_hz: f64, high_hz: f64, nyquist_hz: f64 },
    #[error(
        "the warp by {factor} from {low_hz} Hz to {high_hz} Hz does not rise from {bank_low} Hz to \
         {bank_high} Hz, the ends of the filters; bring vtln_low_hz, vtln_high_hz and the factor \
         further within"
    )]
    Vtln { factor: f64, low_hz: f64, high_hz: f64, bank_low: f64, bank_high: f64 },
    #[error(
        "triangles that are symmetric over Hz cannot be warped: another filter may lie between a warped \
         filter's ends"
    )]
    VtlnOfSymmetric,
    #[error(
        "num_ceps is {num_ceps}; it must be from {least} to the number of columns, {num_columns}"
    )]
    Cepstra { num_ceps: usize, least: usize, num_columns: usize },
    #[error("lpc_order is {lpc_order}; it must be from 1 to {most}")]
    LpcOrder { lpc_order: usize, most: usize },
    #[error("num_ceps is {num_ceps}; it must be at most lpc_order + 1 = {}", lpc_order + 1)]
    PlpCepstra { num_ceps: usize, lpc_order: usize },
    #[error("linear prediction is of mel energies, not compressed and of powers")]
    PlpColumns,
    #[error(
        "{num_columns} columns of {bins_per_column} bins are {}; n_fft = {n_fft} has {} bins",
        num_columns.saturating_mul(*bins_per_column),
        n_fft / 2 + 1
    )]
    Groups { num_columns: usize, bins_per_column: usize, n_fft: usize },
    #[error("the window covers {window_length} samples; it must be from 1 to the frame's {length}")]
    WindowLength { window_length: usize, length: usize },
    #[error("the pre-emphasis coefficient is {value}; it must be from 0 to 1")]
    Preemphasis { value: f32 },
    #[error("the dither is {value}; it must be positive")]
    Dither { value: f32 },
    #[error("floor is {floor}; it must be a positive number of at least 1.2e-38")]
    LogFloor { floor: f32 },
    #[error("top_db is {top_db}; it must be positive")]
    TopDb { top_db: f32 },
    #[error("{key} is {value}; it must be positive")]
    NotPositive { key: &'static str, value: f32 },
    #[error("the epsilon of magnitudes is {value}; it must be 0 or a positive number")]
    MagnitudeEpsilon { value: f32 },
    #[error("{key} is {value}; it must be finite")]
    NotFinite { key: &'static str, value: f32 },
    #[error(
        "the delta order is {order}; a Savitzky-Golay window of {window} frames to either side \
         determines orders up to {}",
        2 * window
    )]
    DeltaDegree { order: usize, window: usize },
    #[error("splicing takes {left} frames before and {right} after; each must be at most 100")]
    SpliceContext { left: usize, right: usize },
    #[error("splicing makes a row of every {every} frames; it must be from 1 to 100")]
    SpliceStep { every: usize },
    #[error("cmn_window is 0 frames; it must be positive")]
    CmnWindow,
    #[error("energy_threshold is {threshold}; it must be a finite number")]
    VadThreshold { threshold: f32 },
    #[error("energy_mean_scale is {scale}; it must be a finite number of at least 0")]
    VadMeanScale { scale: f32 },
    #[error("proportion_threshold is {proportion}; it must be between 0 and 1, and neither")]
    VadProportion { proportion: f32 },
    #[error("features side by side must have the same frames: {first:?} is not {other:?}")]
    FrameGrids { first: FrameLayout, other: FrameLayout },
    #[error("the delta window is {window} frames; it must be from 1 to 100")]
    DeltaWindow { window: usize },
    #[error("the delta order is {order}; it must be from 0 to 4")]
    DeltaOrder { order: usize },
    #[error("num_channels is {num_channels}; it must be from 1 to {most}")]
    Channels { num_channels: usize, most: usize },
    #[error(
        "the gammatones would span {low_hz} Hz to {high_hz} Hz; they must rise within 0 Hz to \
         {nyquist_hz} Hz, half the sample rate, and not begin at 0"
    )]
    GammatoneRange { low_hz: f64, high_hz: f64, nyquist_hz: f64 },
    #[error("the order of the gammatones is {order}; it must be from 1 to 8")]
    GammatoneOrder { order: u32 },
    #[error("kernels are {length_s} s long; they must have from 2 to {most} samples")]
    KernelLength { length_s: f64, most: usize },
    #[error(
        "the kernel at {freq_hz} Hz has no energy; make the gammatones' bandwidth smaller or their length longer"
    )]
    EmptyKernel { freq_hz: f64 },
    #[error("snr_db is {snr_db}; it must be above 0 and at most 100")]
    Snr { snr_db: f64 },
    #[error("a block has {block} samples; it must have from 1 to 2^24")]
    PursuitBlock { block: usize },
    #[error(
        "the tables of matching pursuit would have {numbers} numbers, and may have {most}; take fewer or \
         shorter gammatones"
    )]
    PursuitTables { numbers: usize, most: usize },
    #[error("a frame of {length} samples cannot be cut into {num_slots} slots of equal length")]
    Slots { num_slots: usize, length: usize },
    #[error("sample {at} is {value}; it must be a number from -1e10 to 1e10")]
    Sample { at: u64, value: f32 },
    #[error(
        "from {from_hz} Hz to {to_hz} Hz there are so many places between samples that their table would have \
         {numbers} numbers, and may have {most}"
    )]
    ResampleTable { from_hz: u32, to_hz: u32, numbers: u64, most: u64 },
    #[error("an event is of channel {channel}; there are {num_channels}, counted from 0")]
    EventChannel { channel: u32, num_channels: usize },
    #[error("an event's amplitude is {amplitude}; it must be a number from -1e10 to 1e10")]
    EventAmplitude { amplitude: f32 },
}
