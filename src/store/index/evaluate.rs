//! Plans against columns: a chunk at a time, 64 rows to a word, never on the window's thread.
//!
//! Tests of columns run in one pass over each chunk. Questions are put to the [`Lookup`] first about nothing, then about the
//! rows that are left, the dear ones last. As deep as the plan, which the parser bounds.

use super::Bitmap;
use super::columns::{CHUNK, Chunk, Snapshot, clamp};
use super::lookup::{Failure, Lookup, Question, Stop, Word};
use super::marks::{Code, Flags};
use super::plan::{Plan, Test};
use super::source::Sources;

const BITS: usize = 64;
const WORDS: usize = CHUNK / BITS;
/// The rows the plan holds for; with `among`, those of it.
///
/// # Errors
/// When it was stopped or a question was not answered.
pub fn evaluate(
    plan: &Plan,
    on: &Snapshot,
    lookup: &dyn Lookup,
    among: Option<&Bitmap>,
    stop: &Stop,
) -> Result<Bitmap, Failure> {
    stop.check()?;
    let mut found = run(plan, on, lookup, among, stop)?;
    if let Some(among) = among {
        found.meet(among);
    }
    Ok(found)
}

fn run(
    plan: &Plan,
    on: &Snapshot,
    lookup: &dyn Lookup,
    among: Option<&Bitmap>,
    stop: &Stop,
) -> Result<Bitmap, Failure> {
    if plan.is_columns() {
        return columns(plan, on, among, stop);
    }
    match plan {
        Plan::Ask(question) => {
            let mut found = lookup.answer(question, among, stop)?;
            let mut living = among.cloned().unwrap_or_else(|| Bitmap::all(on.len()));
            living.subtract(&columns(&Plan::Test(Test::Flags(Flags::GONE)), on, Some(&found), stop)?);
            found.meet(&living);
            Ok(found)
        }
        Plan::All(plans) => {
            let (asking, plain): (Vec<&Plan>, Vec<&Plan>) = plans.iter().partition(|plan| !plan.is_columns());
            let mut left = among.cloned();
            if !plain.is_empty() {
                let plain = Plan::All(plain.into_iter().cloned().collect());
                left = Some(columns(&plain, on, among, stop)?);
            }
            let mut asking = together(asking, lookup, left.as_ref(), stop)?;
            asking.sort_by_key(Plan::cost);
            for plan in asking {
                if left.as_ref().is_some_and(Bitmap::is_empty) {
                    break;
                }
                let mut found = run(&plan, on, lookup, left.as_ref(), stop)?;
                if let Some(left) = &left {
                    found.meet(left);
                }
                left = Some(found);
            }
            Ok(left.unwrap_or_default())
        }
        Plan::Any(plans) => {
            let mut found = Bitmap::default();
            for plan in plans {
                found.join(&run(plan, on, lookup, among, stop)?);
            }
            Ok(found)
        }
        Plan::Not(plan) => {
            let mut left = columns(&Plan::EVERYTHING, on, among, stop)?;
            left.subtract(&run(plan, on, lookup, Some(&left), stop)?);
            Ok(left)
        }
        Plan::Test(_) => columns(plan, on, among, stop),
    }
}

/// Words that must all be there, and those that must not, in one question: a rare one spares the frequent ones most of their
/// rows, and what is left out is passed over where it is looked up. A word that could be the name of something is one of them
/// where nothing has that name. Other words are asked for beside them, which leaves the same rows and passes over fewer.
fn together(plans: Vec<&Plan>, lookup: &dyn Lookup, among: Option<&Bitmap>, stop: &Stop) -> Result<Vec<Plan>, Failure> {
    let asks_words = plans.iter().filter(|plan| asks_words(plan)).count();
    if asks_words < 2 {
        return Ok(plans.into_iter().cloned().collect());
    }
    let named = |keys: &Question| Ok(!keys.narrows() || !is_nobodys(keys, lookup, among, stop)?);
    let (mut words, mut others, mut left) = (Vec::new(), Vec::new(), Vec::new());
    for plan in &plans {
        if let Some((all, none)) = worded(plan, &named)? {
            words.extend_from_slice(all);
            others.extend_from_slice(none);
        } else {
            left.push(*plan);
        }
    }
    if words.is_empty() {
        return Ok(plans.into_iter().cloned().collect());
    }
    let mut all = Vec::with_capacity(left.len() + 1);
    for plan in left {
        match plan {
            // What is left out is one word: of more than one each may be there without the others.
            Plan::Not(not) => match worded(not, &named)? {
                Some(([one], [])) => others.push(one.clone()),
                _ => all.push(beside(plan, &words)),
            },
            plan => all.push(beside(plan, &words)),
        }
    }
    all.push(Plan::Ask(Question::Words { all: words, none: others }));
    Ok(all)
}

/// The words of a question, and those that it leaves out.
type Worded<'p> = (&'p [Word], &'p [Word]);

/// The words that a plan asks for and for nothing else.
fn worded<'p>(
    plan: &'p Plan,
    named: &dyn Fn(&Question) -> Result<bool, Failure>,
) -> Result<Option<Worded<'p>>, Failure> {
    let asked = match plan {
        Plan::Ask(asked) => asked,
        Plan::Any(any) => match any.as_slice() {
            [Plan::Ask(keys @ Question::Keys { .. }), Plan::Ask(asked)] if !named(keys)? => asked,
            _ => return Ok(None),
        },
        _ => return Ok(None),
    };
    Ok(match asked {
        Question::Words { all, none } => Some((all, none)),
        _ => None,
    })
}

fn asks_words(plan: &Plan) -> bool {
    match plan {
        Plan::All(plans) | Plan::Any(plans) => plans.iter().any(asks_words),
        Plan::Not(plan) => asks_words(plan),
        Plan::Ask(Question::Words { .. }) => true,
        Plan::Test(_) | Plan::Ask(_) => false,
    }
}

/// The plan, of rows that hold these words anyway.
fn beside(plan: &Plan, words: &[Word]) -> Plan {
    let all = |plans: &[Plan]| plans.iter().map(|plan| beside(plan, words)).collect();
    match plan {
        Plan::All(plans) => Plan::All(all(plans)),
        Plan::Any(plans) => Plan::Any(all(plans)),
        Plan::Not(plan) => Plan::Not(Box::new(beside(plan, words))),
        Plan::Ask(Question::Words { all, none }) => {
            Plan::Ask(Question::Words { all: [all.as_slice(), words].concat(), none: none.clone() })
        }
        Plan::Test(_) | Plan::Ask(_) => plan.clone(),
    }
}

fn is_nobodys(keys: &Question, lookup: &dyn Lookup, among: Option<&Bitmap>, stop: &Stop) -> Result<bool, Failure> {
    let mut named = lookup.answer(keys, among, stop)?;
    among.into_iter().for_each(|among| named.meet(among));
    Ok(named.is_empty())
}

/// A plan whose sources are numbers.
enum Ready<'p> {
    All(Vec<Ready<'p>>),
    Any(Vec<Ready<'p>>),
    Not(Box<Ready<'p>>),
    Sources(Bitmap),
    Test(&'p Test),
}

impl<'p> Ready<'p> {
    fn of(plan: &'p Plan, sources: &Sources) -> Self {
        let all = |plans: &'p [Plan]| plans.iter().map(|plan| Self::of(plan, sources)).collect();
        match plan {
            Plan::All(plans) => Self::All(all(plans)),
            Plan::Any(plans) => Self::Any(all(plans)),
            Plan::Not(plan) => Self::Not(Box::new(Self::of(plan, sources))),
            Plan::Test(Test::Source { part, patterns }) => Self::Sources(sources.matching(*part, patterns)),
            Plan::Test(Test::Imported) => Self::Sources(sources.imported()),
            Plan::Test(test) => Self::Test(test),
            // Questions never come here.
            Plan::Ask(_) => Self::Any(Vec::new()),
        }
    }
}

type Words = [u64; WORDS];

/// Rows that retention took away are in no answer.
fn columns(plan: &Plan, on: &Snapshot, among: Option<&Bitmap>, stop: &Stop) -> Result<Bitmap, Failure> {
    let ready = Ready::of(plan, &on.sources());
    let wants_gone = matches!(plan, Plan::Test(Test::Flags(flags)) if flags.holds(Flags::GONE));
    let mut words = Vec::with_capacity(on.chunks.len() * WORDS);
    for (index, chunk) in on.chunks.iter().enumerate() {
        stop.check()?;
        let among = among.map(|among| among.words(index * WORDS, (index + 1) * WORDS));
        if among.is_some_and(|among| among.iter().all(|word| *word == 0)) {
            words.resize(words.len() + WORDS, 0);
            continue;
        }
        let mut living = [0; WORDS];
        each(&chunk.marks, &mut living, |marks| wants_gone || marks & Flags::GONE.bits() == 0);
        let mut found = [0; WORDS];
        fill(&ready, chunk, &living, &mut found);
        meet(&mut found, &living);
        if let Some(among) = among {
            let all = among.iter().copied().chain(std::iter::repeat(0));
            found.iter_mut().zip(all).for_each(|(found, among)| *found &= among);
        }
        words.extend_from_slice(&found);
    }
    Ok(Bitmap::from_words(words))
}

/// Calls `test` on each value of a column and sets the bits of those that pass.
fn each<T: Copy>(column: &[T], found: &mut Words, test: impl Fn(T) -> bool) {
    for (word, values) in found.iter_mut().zip(column.chunks(BITS)) {
        *word = values.iter().enumerate().fold(0, |word, (bit, value)| word | u64::from(test(*value)) << bit);
    }
}

fn meet(found: &mut Words, other: &Words) {
    found.iter_mut().zip(other).for_each(|(own, other)| *own &= other);
}

/// `living` are the rows of the chunk that can be found at all; a leaf may set others too.
fn fill(plan: &Ready<'_>, chunk: &Chunk, living: &Words, found: &mut Words) {
    match plan {
        Ready::All(plans) => {
            *found = *living;
            for plan in plans {
                let mut other = [0; WORDS];
                fill(plan, chunk, living, &mut other);
                meet(found, &other);
                if found.iter().all(|word| *word == 0) {
                    return;
                }
            }
        }
        Ready::Any(plans) => {
            for plan in plans {
                let mut other = [0; WORDS];
                fill(plan, chunk, living, &mut other);
                found.iter_mut().zip(&other).for_each(|(own, other)| *own |= other);
            }
        }
        Ready::Not(plan) => {
            fill(plan, chunk, living, found);
            found.iter_mut().zip(living).for_each(|(own, living)| *own = living & !*own);
        }
        Ready::Sources(sources) => each(&chunk.source, found, |source| sources.contains(source)),
        Ready::Test(test) => column(test, chunk, found),
    }
}

fn column(test: &Test, chunk: &Chunk, found: &mut Words) {
    match test {
        // Made ready before.
        Test::Source { .. } | Test::Imported => {}
        Test::Code { code, values } => each(&chunk.marks, found, |marks| values >> code.of(marks) & 1 != 0),
        Test::Flags(flags) => each(&chunk.marks, found, |marks| marks & flags.bits() == flags.bits()),
        Test::Time { time, spans } => {
            let column = chunk.time(*time);
            for (from, to) in spans.iter().filter(|(_, to)| *to > 1) {
                // 0 is no time, so the lowest second is 1; the last is everything beyond too.
                let (from, last) = (clamp(*from), clamp(to.saturating_sub(1)));
                if from <= last {
                    join(column, found, |at| from <= at && at <= last);
                }
            }
        }
        Test::Count { code, spans } => {
            for (from, to) in spans {
                let (from, to) = (limit(*code, *from), limit(*code, *to));
                join(&chunk.marks, found, |marks| (from..=to).contains(&code.of(marks)));
            }
        }
        Test::Size(spans) => {
            let most = u64::from(u32::MAX);
            for (from, to) in spans {
                let (from, to) = ((*from).min(most), (*to).min(most));
                join(&chunk.size, found, |size| (from..=to).contains(&u64::from(size)));
            }
        }
    }
}

/// The greatest count a column holds stands for all beyond it.
fn limit(code: Code, count: u64) -> u64 {
    count.min(code.most())
}

fn join<T: Copy>(column: &[T], found: &mut Words, test: impl Fn(T) -> bool) {
    let mut other = [0; WORDS];
    each(column, &mut other, test);
    found.iter_mut().zip(&other).for_each(|(own, other)| *own |= other);
}
