//! Ranks against a sort of all texts in memory.

use std::cell::Cell;

use super::*;

/// Ranks as a sort of everything gives them.
fn naive(words: &[String]) -> Vec<u32> {
    let mut all: Vec<&String> = words.iter().collect();
    all.sort();
    all.dedup();
    words.iter().map(|own| all.binary_search(&own).unwrap() as u32).collect()
}

/// Texts of many kinds: alike for long, the same, unlike each other, none, some that begin as others.
fn texts(rows: u32, salt: u32) -> Vec<String> {
    let text = |row: u32| {
        let chance = (row ^ salt).wrapping_mul(2_654_435_761).rotate_left(11);
        match chance % 9 {
            0 => String::new(),
            1 => "phishing against a bank".to_owned(),
            2 => format!("phishing against a bank, number {}", chance % 70_000),
            3 => format!("{}{}", "a".repeat(chance as usize % 40), chance % 3),
            4 => format!("{chance:08x}"),
            5 => format!("{chance:08x}").chars().rev().collect(),
            6 => format!("campaign {} of {}, seen again at a place of the name {}", chance % 50, chance % 7, chance),
            7 => format!("é{}", "\0".repeat(chance as usize % 4)),
            _ => format!("beacons to {}.example", chance % 2_000),
        }
    };
    (0..rows).map(text).collect()
}

fn reading<'a>(words: &'a [String], reads: &'a Cell<usize>) -> Box<Read<'a>> {
    Box::new(move |rows, take| {
        reads.set(reads.get() + rows.len());
        // What has no words is not told.
        let told = rows.iter().filter(|row| !words[**row as usize].is_empty());
        told.for_each(|row| take(*row, words[*row as usize].clone()));
        Ok(())
    })
}

/// Ranks tell the same order; of one that grew, some may have no row.
fn alike(one: &Ranks, other: &[u32]) {
    let mut dense: Vec<u32> = one.ranks.clone();
    dense.sort_unstable();
    dense.dedup();
    let own: Vec<u32> = one.ranks.iter().map(|rank| dense.binary_search(rank).unwrap() as u32).collect();
    assert_eq!(own, other);
}

#[test]
fn ranks_are_those_of_a_sort_in_memory() {
    let stop = Stop::default();
    for rows in [0, 1, 2, 700, 60_000] {
        let (words, reads) = (texts(rows, 5), Cell::new(0));
        let ranks = Ranks::read(rows, &*reading(&words, &reads), &stop).unwrap();
        assert_eq!(ranks.ranks, naive(&words));
        // Each once, some to divide the others, and what is alike for long.
        let once = rows as usize + MARKS as usize;
        assert!(reads.get() <= once + rows as usize, "{} of {rows}", reads.get());
        assert!(rows < 60_000 || reads.get() > once, "nothing was so much alike that it was read again");
    }
}

#[test]
fn what_comes_and_changes_finds_its_place() {
    let stop = Stop::default();
    let mut words = texts(40_000, 1);
    let reads = Cell::new(0);
    let mut ranks = Ranks::read(40_000, &*reading(&words, &reads), &stop).unwrap();
    for step in 0..6_u32 {
        let later = texts(500 + step * 40, step + 20);
        let mut changed = Bitmap::default();
        for row in (step * 31..words.len() as u32).step_by(997) {
            changed.insert(row);
            words[row as usize] = if row.is_multiple_of(2) { String::new() } else { format!("{row} changed") };
        }
        // A mark's own row changes too, and a rank is left without a row.
        words[step as usize] = "zzz".to_owned() + &words[step as usize];
        changed.insert(step);
        words.extend(later);
        reads.set(0);
        let next = ranks.again(words.len() as u32, &changed, &*reading(&words, &reads), &stop).unwrap();
        alike(&next, &naive(&words));
        assert!(reads.get() < words.len() / 2, "{} looks", reads.get());
        ranks = next;
    }
    // So many come that it is dearer to place each than to read all.
    words.extend(texts(10_000, 77));
    let ranks = ranks.again(words.len() as u32, &Bitmap::default(), &*reading(&words, &reads), &stop).unwrap();
    assert_eq!((ranks.ranks.clone(), ranks.divided), (naive(&words), words.len() as u32));
}

#[test]
fn it_stops_between_two_parts() {
    let (words, reads, stop) = (texts(50_000, 3), Cell::new(0), Stop::default());
    let read = |rows: &[Seq], take: &mut dyn FnMut(Seq, String)| {
        if reads.get() >= MARKS as usize + 5 * PART {
            stop.stop();
        }
        reading(&words, &reads)(rows, take)
    };
    assert!(matches!(Ranks::read(50_000, &read, &stop), Err(Failure::Stopped)));
    assert!(reads.get() <= MARKS as usize + 7 * PART, "{}", reads.get());
    assert!(!format!("{:?}", Ranks { marks: vec![("secret".into(), 0)], ..Ranks::default() }).contains("secret"));
}
