//! Many changes as one: a list pasted, a version without a hundred elements, a text written anew. One splice or a few,
//! and the document is read once.

use super::{Change, Document, Element, Fragment, NodeId, Place, Step, alike, bad_text, cannot, layout};
use crate::iodef::xml::Refused;

impl Document {
    /// Inserts new children one after the other, as [`Document::insert`] does one. The change names the first.
    ///
    /// # Errors
    /// As [`Document::edit`]; when there is nothing to insert.
    pub fn insert_all(&mut self, parent: NodeId, place: Place, fragments: &[Fragment]) -> Result<Change, Refused> {
        let parent = self.find(parent)?;
        let gap = layout::gap(parent, place).ok_or_else(|| cannot(parent))?;
        let mut written = String::new();
        let mut first = String::new();
        for fragment in fragments {
            let one = fragment.write(parent, gap.neighbour, &gap.lead, &gap.unit).ok_or_else(|| bad_text(parent))?;
            if written.is_empty() {
                first.clone_from(&one);
            } else {
                written.push_str(&gap.lead);
            }
            written.push_str(&one);
        }
        if first.is_empty() {
            return Err(cannot(parent));
        }
        let (from, to, new) = gap.fill(&written);
        let skipped = new.find(&first).unwrap_or_default();
        self.put(from, to, new, skipped)
    }

    /// Removes elements with all that is in them; one inside another goes with it.
    ///
    /// # Errors
    /// As [`Document::remove`].
    pub fn remove_all(&mut self, nodes: &[NodeId]) -> Result<Change, Refused> {
        let mut nodes = nodes.to_vec();
        nodes.sort_unstable();
        let mut spans: Vec<(usize, usize)> = Vec::with_capacity(nodes.len());
        let mut outer: Option<Element<'_>> = None;
        for node in nodes {
            if outer.is_some_and(|outer| outer.id() == node || outer.contains(node)) {
                continue;
            }
            let element = self.find(node)?;
            outer = Some(element);
            let (from, to) = layout::removal(element).ok_or_else(|| cannot(element))?;
            spans.push((from, to));
        }
        self.cut(&spans)
    }

    /// Takes spans out that follow each other.
    fn cut(&mut self, spans: &[(usize, usize)]) -> Result<Change, Refused> {
        let mut text = String::with_capacity(self.text().len());
        let mut at = 0;
        for (from, to) in spans {
            text.push_str(self.text().get(at..*from).ok_or_else(|| cannot(self.root()))?);
            at = *to;
        }
        text.push_str(self.text().get(at..).unwrap_or_default());
        // From the last to the first, so that each place holds when its turn comes.
        let mut steps: Vec<Step> = spans.iter().rev().map(|(from, to)| self.step(*from, *to, "")).collect();
        let before = self.count();
        for step in &mut steps {
            // Text around a removed element becomes one node: told from the whole below.
            step.shift = -i64::from(step.within - step.before);
        }
        self.read_again(text)?;
        let told: i64 = steps.iter().map(|step| step.shift).sum();
        if told == i64::from(self.count()) - i64::from(before) {
            return Ok(Change { steps, node: None });
        }
        // Which nodes became one cannot be said for each: what follows the first is called anew.
        let (Some(first), Some(last)) = (spans.first(), spans.last()) else { return Ok(Change { steps, node: None }) };
        let shift = i64::from(self.count()) - i64::from(before);
        Ok(self.as_one(steps, (first.0, last.1), shift))
    }

    /// Steps of which only the outcome is known, as one.
    fn as_one(&self, steps: Vec<Step>, (from, to): (usize, usize), shift: i64) -> Change {
        let Some(mut one) = steps.last().cloned() else { return Change { steps, node: None } };
        let (mut old, taken) = (String::new(), steps.iter().map(|step| step.old.len()).sum::<usize>());
        let end = (to - taken).max(from);
        let new = self.text().get(from..end).unwrap_or_default();
        let mut at = from;
        for step in steps.iter().rev() {
            let kept = from + old.len();
            let upto = at + (step.at - kept);
            old.push_str(self.text().get(at..upto).unwrap_or_default());
            old.push_str(&step.old);
            at = upto;
        }
        one.within = steps.first().map_or(one.within, |last| last.within);
        (one.at, one.old, one.new, one.shift) = (from, old.into(), new.into(), shift);
        Change { steps: vec![one], node: None }
    }

    /// Replaces the whole text, as somebody wrote it beside the form. As much is kept as is the same at both ends.
    ///
    /// # Errors
    /// What reading refuses; the document is then as it was.
    pub fn rewrite(&mut self, text: &str) -> Result<Change, Refused> {
        let (before, after) = alike(self.text(), text);
        let new = text.get(before..text.len() - after).unwrap_or_default().to_owned();
        let to = self.text().len() - after;
        self.splice(before, to, new)
    }

    /// The document with the declarations that were in force around it said on its root, so that it stands by itself.
    ///
    /// # Errors
    /// When it is over a limit of reading with them.
    pub fn standalone(&self) -> Result<Self, Refused> {
        if self.scope().is_empty() {
            return Ok(self.clone());
        }
        let root = self.root();
        let own: Vec<&str> = root.declarations().map(|(prefix, _)| prefix).collect();
        let (at, space, quote) = layout::attributes_end(root);
        let mut said = String::new();
        for (prefix, uri) in layout::in_scope(root) {
            if own.contains(&&*prefix) || uri.is_empty() || prefix == "xml" {
                continue;
            }
            let name = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
            let uri = crate::text::xml::escape_value(&uri, quote).into_owned();
            said.push_str(&format!("{space}{name}={quote}{uri}{quote}"));
        }
        let mut text = self.text().to_owned();
        text.insert_str(at, &said);
        Self::read(text.into_bytes(), &[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iodef::NS;

    fn read(text: &str) -> Document {
        Document::read(text.replace("NS", NS), &[]).unwrap()
    }

    #[test]
    fn what_is_cut_is_followed_and_put_back() {
        let before = "<D xmlns='NS'>\n <a>1</a>\n <b/>\n x <c/> y\n <d><e/></d>\n <f/>\n</D>";
        let document = read(before);
        let all: Vec<_> = document.root().descendants().map(|e| (e.id(), e.local().to_owned())).collect();
        for mask in 1u32..(1 << all.len()) {
            let chosen: Vec<_> = (0..).zip(&all).filter(|(n, _)| mask >> n & 1 == 1).map(|(_, one)| one.0).collect();
            let mut cut = document.clone();
            let change = cut.remove_all(&chosen).unwrap();
            for (id, name) in &all {
                if let Some(now) = change.follow(*id).and_then(|now| cut.element(now)) {
                    assert_eq!(now.local(), name, "{mask:b}: {}", cut.text());
                }
            }
            let after = cut.text().to_owned();
            cut.apply(&change.inverse()).unwrap();
            assert_eq!(cut.text(), document.text());
            cut.apply(&change).unwrap();
            assert_eq!(cut.text(), after);
        }
    }

    /// All a document is, told from its parts.
    fn told(document: &Document) -> Vec<String> {
        let all = std::iter::once(document.root()).chain(document.root().descendants());
        let tell = |element: Element<'_>| {
            let attrs: Vec<_> = element.attrs().map(|a| format!("{}={}", a.qualified(), a.raw())).collect();
            let source = String::from_utf8_lossy(element.source()).into_owned();
            format!("{} {attrs:?} {:?} {} {source}", element.qualified(), element.inner_span(), element.inner_source())
        };
        all.map(tell).collect()
    }

    #[test]
    fn typing_is_as_reading_anew() {
        let mut document = read("<D xmlns='NS' a='' b=\"x\"><a c='1'>one</a>\n <b>&amp;</b> y <c d=''/></D>");
        // A text that is emptied is a node less: who comes behind it has another number then.
        let node = |document: &Document, name: &str| {
            let mut all = std::iter::once(document.root()).chain(document.root().descendants());
            all.find(|element| element.local() == name).unwrap().id()
        };
        let before = document.text().to_owned();
        let mut history: Vec<Change> = Vec::new();
        for value in ["ä", "äb", "äbc & <", "b & <", "", "\"'", "x", "one", "on", "onee"] {
            for (element, name) in [("D", "a"), ("D", "b"), ("a", "c"), ("c", "d")] {
                history.push(document.set_attr(node(&document, element), name, value).unwrap());
                let anew = Document::read(document.text(), &[]).unwrap();
                assert_eq!(told(&document), told(&anew));
            }
            for element in ["a", "b"] {
                history.push(document.set_text(node(&document, element), value).unwrap());
                let anew = Document::read(document.text(), &[]).unwrap();
                assert_eq!(told(&document), told(&anew));
            }
        }
        let after = document.text().to_owned();
        for change in history.iter().rev() {
            document.apply(&change.inverse()).unwrap();
            let anew = Document::read(document.text(), &[]).unwrap();
            assert_eq!(told(&document), told(&anew));
        }
        assert_eq!(document.text(), before);
        for change in &history {
            document.apply(change).unwrap();
        }
        assert_eq!(document.text(), after);
    }

    #[test]
    fn keys_are_joined_where_they_touch() {
        let words =
            ["one", "ones", "on", "o", "wone", "wo", "a much longer text", "a much text", "x", "a x b", "ü", "üü"];
        for first in words {
            for second in words {
                for third in words {
                    let mut document = read(&format!("<D xmlns='NS'><a>{first}</a></D>"));
                    let (node, before) = (document.root().children().next().unwrap().id(), document.text().to_owned());
                    let one = document.set_text(node, second).unwrap();
                    let two = document.set_text(node, third).unwrap();
                    let after = document.text().to_owned();
                    let Some(joined) = one.joined(&two) else { continue };
                    document.apply(&joined.inverse()).unwrap();
                    assert_eq!(document.text(), before, "{first} {second} {third}");
                    document.apply(&joined).unwrap();
                    assert_eq!(document.text(), after, "{first} {second} {third}");
                }
            }
        }
    }

    #[test]
    fn many_children_come_as_one_by_one() {
        let list: Vec<_> = (0..5).map(|n| Fragment::leaf("Address", format!("192.0.2.{n}"))).collect();
        for before in ["<D xmlns='NS'>\n  <Node/>\n</D>", "<D xmlns='NS'><Node><a/></Node></D>"] {
            let mut many = read(before);
            let node = many.root().children().next().unwrap().id();
            let mut single = many.clone();
            let change = many.insert_all(node, Place::Last, &list).unwrap();
            for one in &list {
                let _ = single.insert(node, Place::Last, one).unwrap();
            }
            assert_eq!(many.text(), single.text());
            assert_eq!(many.element(change.node().unwrap()).unwrap().text(), "192.0.2.0");
            many.apply(&change.inverse()).unwrap();
            assert_eq!(many.text(), read(before).text());
            assert!(many.insert_all(node, Place::Last, &[]).is_err());
        }
    }

    #[test]
    fn a_document_is_made_to_stand_by_itself() {
        let scope = [("".to_owned(), NS.to_owned()), ("p".to_owned(), "urn:p&".to_owned())];
        let inside = Document::read("<IODEF-Document version='2.00'><p:x/></IODEF-Document>", &scope).unwrap();
        let alone = inside.standalone().unwrap();
        assert!(alone.scope().is_empty() && alone.text().contains("xmlns:p='urn:p&amp;'"), "{}", alone.text());
        assert_eq!(alone.root().descendants().next().unwrap().ns(), "urn:p&");
        assert_eq!(alone.root().ns(), NS);
    }
}
