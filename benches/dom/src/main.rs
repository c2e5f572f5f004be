//! Parses with minidom: `dom FILE…` reads each file once, then parses them all in slices and says how many seconds the best
//! round took.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// As in `benches/iodef_parse.rs`.
const SLICE: Duration = Duration::from_millis(80);
const SLICES: usize = 15;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let documents = std::env::args_os().skip(1).map(std::fs::read).collect::<Result<Vec<_>, _>>()?;
    let mut best = f64::MAX;
    for _ in 0..SLICES {
        let start = Instant::now();
        let mut rounds = 0_u32;
        while start.elapsed() < SLICE {
            for bytes in &documents {
                let _ = black_box(minidom::Element::from_reader(bytes.as_slice())?);
            }
            rounds += 1;
        }
        best = best.min(start.elapsed().as_secs_f64() / f64::from(rounds));
    }
    println!("{best}");
    Ok(())
}
