//! Configurations and recordings of every kind.

use ossicle_dsp::{
    C0, Cepstra, Columns, Compression, Edges, Energy, EnergyNormalization, EnergyOf, EnergyPlace,
    Extractor, FeatureConfig, Floor, FrameLayout, Level, Lifter, LinearPrediction, Log, LogBase,
    MelConfig, MelNorm, MelScale, MelTriangles, Pad, Pcen, Preemphasis, SampleScale, Scratch,
    Spectrum, Vtln, VtlnShape, Window,
};
use proptest::prelude::*;
use proptest::sample::select;

pub(crate) fn dirty_scratch() -> Scratch {
    let config = FeatureConfig { n_fft: 1022, ..FeatureConfig::timit_mfcc(16_000) };
    let extractor = Extractor::new(config, Level::BASELINE).unwrap();
    let mut scratch = Scratch::default();
    let samples = vec![f32::NAN; 40_000];
    let mut out = vec![0.0; extractor.num_frames(samples.len()) * extractor.dim()];
    extractor.extract_into(&samples, &mut scratch, &mut out);
    scratch
}

pub(crate) type Preset = (&'static str, fn(u32) -> FeatureConfig);

pub(crate) fn presets() -> Vec<Preset> {
    vec![
        ("kaldi-fbank", FeatureConfig::kaldi_fbank),
        ("kaldi-mfcc", FeatureConfig::kaldi_mfcc),
        ("kaldi-mfcc-hires", FeatureConfig::kaldi_mfcc_hires),
        ("kaldi-plp", FeatureConfig::kaldi_plp),
        ("kaldi-spectrogram", FeatureConfig::kaldi_spectrogram),
        ("lhotse-fbank", FeatureConfig::lhotse_fbank),
        ("librosa-mel", FeatureConfig::librosa_mel),
        ("librosa-mfcc", FeatureConfig::librosa_mfcc),
        ("torchaudio-mel", FeatureConfig::torchaudio_mel),
        ("torchaudio-mfcc", FeatureConfig::torchaudio_mfcc),
        ("whisper-80", |rate| FeatureConfig::whisper(rate, 80)),
        ("psf-mfcc", FeatureConfig::psf_mfcc),
        ("psf-logfbank", FeatureConfig::psf_logfbank),
        ("htk-mfcc", FeatureConfig::htk_mfcc),
        ("timit-mfcc", FeatureConfig::timit_mfcc),
        ("timit-mel", FeatureConfig::timit_mel),
        ("timit-spectrogram", FeatureConfig::timit_spectrogram),
    ]
}

fn windows() -> impl Strategy<Value = Window> {
    select(vec![
        Window::Povey,
        Window::Hamming,
        Window::HammingPeriodic,
        Window::Hann,
        Window::HannPeriodic,
        Window::Blackman { coefficient: 0.42 },
        Window::Blackman { coefficient: 0.4 },
        Window::BlackmanPeriodic,
        Window::Sine,
        Window::Rectangular,
    ])
}

fn edges() -> impl Strategy<Value = Edges> {
    let center = |pad, drop_last| Edges::Center { pad, drop_last };
    select(vec![
        Edges::Snip,
        Edges::Symmetric,
        center(Pad::Zero, false),
        center(Pad::Reflect, false),
        center(Pad::Reflect, true),
        center(Pad::Edge, false),
        Edges::PadEnd,
        Edges::Same { pad: Pad::Zero },
        Edges::Same { pad: Pad::Reflect },
        // Fewer than the shortest frame below.
        Edges::Left { before: 29, pad: Pad::Zero },
        Edges::Left { before: 7, pad: Pad::Reflect },
    ])
}

fn vtln() -> impl Strategy<Value = Option<Vtln>> {
    let shapes = select(vec![VtlnShape::Kaldi, VtlnShape::Htk]);
    let warp = (0.8_f64..1.25, shapes);
    // Between the ends of the narrowest bank below.
    prop::option::of(warp.prop_map(|(factor, shape)| Vtln {
        factor,
        low_hz: 200.0,
        high_hz: 2500.0,
        shape,
    }))
}

fn mels() -> impl Strategy<Value = MelConfig> {
    let scales = select(vec![MelScale::Slaney, MelScale::Htk]);
    let triangles = select(vec![
        MelTriangles::Hz,
        MelTriangles::Mel,
        MelTriangles::Htk,
        MelTriangles::Bins,
        MelTriangles::Symmetric,
    ]);
    let norms = select(vec![MelNorm::Peak, MelNorm::Area]);
    (1_usize..60, any::<bool>(), scales, triangles, norms, vtln()).prop_map(
        |(num_mel_bins, band, scale, triangles, norm, vtln)| MelConfig {
            num_mel_bins,
            low_freq_hz: if band { 20.0 } else { 0.0 },
            high_freq_hz: band.then_some(3800.0),
            scale,
            triangles,
            norm,
            vtln: vtln.filter(|_| triangles != MelTriangles::Symmetric),
        },
    )
}

fn compressions() -> impl Strategy<Value = Compression> {
    let bases = select(vec![LogBase::E, LogBase::Ten, LogBase::Decibels]);
    let floors = select(vec![
        Floor::Raise(1e-6),
        Floor::Raise(1e-10),
        Floor::Add(1e-3),
        Floor::ReplaceZero(1e-9),
    ]);
    let tops = prop::option::of(20.0_f32..90.0);
    let maxima = select(vec![None, None, Some(1.5)]);
    let log = (bases, floors, tops, any::<bool>(), maxima, select(vec![(0.0, 1.0), (4.0, 0.25)]));
    prop_oneof![
        Just(Compression::Linear),
        Just(Compression::Pcen(Pcen::default())),
        log.prop_map(|(base, floor, top_db, relative_to_maximum, maximum, (offset, factor))| {
            let log = Log { base, floor, top_db, ..Log::natural(1.0) };
            Compression::Log(Log { relative_to_maximum, maximum, offset, factor, ..log })
        }),
    ]
}

fn energies() -> impl Strategy<Value = Option<Energy>> {
    let of = select(vec![EnergyOf::Raw, EnergyOf::Windowed, EnergyOf::Spectrum]);
    let place = select(vec![EnergyPlace::First, EnergyPlace::Last]);
    let htk = EnergyNormalization { scale: 0.1, silence_floor_db: 50.0 };
    prop::option::of(
        (of, place, prop::option::of(Just(htk))).prop_map(|(of, place, normalization)| Energy {
            of,
            floor: 1e-7,
            place,
            normalization,
        }),
    )
}

pub(crate) fn configs() -> impl Strategy<Value = FeatureConfig> {
    let rates = select(vec![8000_u32, 11_025, 16_000, 22_050, 44_100, 48_000]);
    let sizes = select(vec![60_usize, 128, 199, 200, 254, 256, 300, 400, 441, 512]);
    let scales = select(vec![SampleScale::Unit, SampleScale::Int16, SampleScale::Midpoint]);
    let filters =
        select(vec![Preemphasis::None, Preemphasis::PerFrame(0.97), Preemphasis::PerSignal(0.97)]);
    let spectra = select(vec![Spectrum::Power, Spectrum::Magnitude, Spectrum::PowerOverSize]);
    let columns = prop_oneof![
        3 => mels().prop_map(Columns::Mel),
        1 => (1_usize..10, 1_usize..4).prop_map(|(num_columns, bins_per_column)| Columns::Groups {
            num_columns,
            bins_per_column,
        }),
        1 => any::<bool>().prop_map(|skip_dc| Columns::Bins { skip_dc }),
    ];
    let cepstra = (
        0.0_f64..1.0,
        select(vec![Lifter::None, Lifter::FromZero(22.0), Lifter::FromOne(22.0)]),
        select(vec![C0::First, C0::Last, C0::Dropped]),
        // Of few columns and as many poles, nearly nothing is left unpredicted but rounding.
        prop::option::of(Just(LinearPrediction { lpc_order: 6, ..LinearPrediction::kaldi() })),
    );
    let waveform = (rates, scales, filters, any::<bool>(), windows(), edges());
    let sizes = (sizes, 1_usize..200, 0.5_f64..=1.0, prop::option::of(0.3_f64..=1.0));
    let spectra = (spectra, select(vec![0.0, 1e-9, 1e-3]));
    (waveform, sizes, (spectra, columns, compressions()), (any::<bool>(), cepstra), energies())
        .prop_map(
            |(waveform, sizes, (spectra, columns, compression), (wanted, cepstra), energy)| {
                let (spectrum, magnitude_epsilon) = spectra;
                let (sample_rate_hz, sample_scale, preemphasis, remove_dc_offset, window, edges) =
                    waveform;
                let (n_fft, shift, length, covered) = sizes;
                let length = ((n_fft as f64 * length) as usize).max(1);
                let covered = covered.map(|share| ((length as f64 * share) as usize).max(1));
                let mut config = FeatureConfig {
                    sample_rate_hz,
                    sample_scale,
                    frames: FrameLayout { length, shift, edges },
                    dither: None,
                    remove_dc_offset,
                    preemphasis,
                    window,
                    window_length: covered,
                    n_fft,
                    spectrum,
                    magnitude_epsilon,
                    columns,
                    compression,
                    cepstra: None,
                    energy,
                };
                let num_columns = config.dim() - usize::from(energy.is_some());
                let (share, lifter, c0, mut linear_prediction) = cepstra;
                let is_mel = matches!(config.columns, Columns::Mel(_));
                if !is_mel || spectrum == Spectrum::Magnitude || num_columns < 24 {
                    linear_prediction = None;
                }
                // Cepstra of linear energies are of no use and of any size.
                let log = matches!(config.compression, Compression::Log(_));
                let num_ceps = ((num_columns as f64 * share) as usize).max(2);
                if wanted && num_ceps <= num_columns && (log || linear_prediction.is_some()) {
                    if linear_prediction.is_some() {
                        config.compression = Compression::Linear;
                    }
                    let most = linear_prediction.map_or(num_ceps, |p| p.lpc_order + 1);
                    let num_ceps = num_ceps.min(most);
                    config.cepstra = Some(Cepstra { num_ceps, lifter, c0, linear_prediction });
                }
                config
            },
        )
}
