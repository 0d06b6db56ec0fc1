//! Codes a sound in spikes, prints what it costs to come nearer, and shows the loudest.
//!
//! `cargo run --release -p ossicle-dsp --example spikegram`

use ossicle_dsp::spikes::{
    Dictionary, GammatoneConfig, MatchingPursuit, PursuitConfig, PursuitScratch,
};
use ossicle_dsp::{Error, Level};

#[expect(clippy::print_stdout, reason = "an example shows what it found")]
fn main() -> Result<(), Error> {
    // A second at 16 kHz: two damped tones, one after the other.
    let rate = 16_000;
    let tone = |n: usize, begin: usize, hz: f32| match n.checked_sub(begin) {
        Some(n) => {
            let t = n as f32 / rate as f32;
            libm::expf(-30.0 * t) * libm::sinf(std::f32::consts::TAU * hz * t)
        }
        None => 0.0,
    };
    let samples: Vec<f32> = (0..rate as usize)
        .map(|n| 0.5 * tone(n, 2_000, 440.0) + 0.2 * tone(n, 9_000, 3_000.0))
        .collect();

    let dictionary = Dictionary::new(&GammatoneConfig::new(rate))?;
    let mut pursuit =
        MatchingPursuit::new(dictionary, PursuitConfig::snr_db(10.0), Level::detect())?;
    let mut scratch = PursuitScratch::default();

    println!("  dB  spikes");
    for snr_db in [10.0, 20.0, 30.0, 40.0] {
        pursuit = pursuit.with_config(PursuitConfig::snr_db(snr_db))?;
        let spikegram = pursuit.encode(&samples, &mut scratch)?;
        println!("{:4.0}  {:6}", spikegram.snr_db(), spikegram.spikes.len());
    }

    println!("\n     s     Hz  amplitude");
    let loudest = pursuit.with_config(PursuitConfig::max_spikes(8))?;
    for spike in loudest.encode(&samples, &mut scratch)?.spikes {
        let channel = spike.channel as usize;
        let peak = spike.sample + loudest.dictionary().peak(channel) as u64;
        let hz = loudest.dictionary().centre_freqs_hz()[channel];
        println!("{:6.4}  {hz:5.0}  {:9.3}", peak as f64 / f64::from(rate), spike.amplitude);
    }
    Ok(())
}
