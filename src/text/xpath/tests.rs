//! XPath 1.0 against what the recommendation says, and against hostile expressions.

use proptest::prelude::*;

use super::*;

const DOCUMENT: &str = "<?xml version='1.0'?><!-- c --><i:Doc xmlns:i='urn:ietf:params:xml:ns:iodef-2.0' xmlns='urn:x' lang='en'>\
    <i:Incident purpose='reporting'><i:Counter type='byte' unit='1'>10</i:Counter><i:Counter type='flow'>32</i:Counter>\
    <Counter>x&amp;<![CDATA[<y>]]></Counter></i:Incident><i:Incident><i:Name>  a  b </i:Name></i:Incident></i:Doc>";

fn holds(text: &str) -> bool {
    let tree = Tree::read(DOCUMENT.as_bytes(), &[]).unwrap();
    Expression::read(text).unwrap_or_else(|| panic!("{text}")).holds(&tree).unwrap()
}

#[test]
fn expressions_hold_as_the_standard_says() {
    for text in [
        "/",
        "//Counter",
        "//iodef:Counter[@type='byte']",
        "/iodef:Doc/iodef:Incident[2]/iodef:Name",
        "count(//Counter) = 3",
        "count(//iodef:Counter) = 2",
        "sum(//iodef:Counter) = 42",
        "//Counter[. = 'x&<y>']",
        "//Counter > 31",
        "//Counter[last()][not(@type)]",
        "//*[local-name() = 'Name']/parent::*[not(@purpose)]",
        "normalize-space(//Name) = 'a b'",
        "//Incident[@purpose] and not(//Nothing)",
        "//Incident[1]//Counter[2] = 32",
        "//Name/ancestor::iodef:Doc/@lang = 'en'",
        "//Counter[1]/following-sibling::Counter[1] = 32",
        "//Counter[3]/preceding-sibling::*[1][@type='flow']",
        "contains(translate(//@purpose, 'REP', 'rep'), 'report')",
        "substring('12345', 1.5, 2.6) = '234'",
        "3 * 2 - 1 = 10 div 2",
        "-(1) < 0",
        "7 mod 3 = 1",
        "(//Counter)[2] = 32",
        "//Counter | //Name",
        "starts-with(name(/*), 'i:')",
        "namespace-uri(//Counter[3]) = 'urn:x'",
        "//text()[. = '10']",
        "//Counter[position() = 2]",
        "//Counter[@type = 'byte' or @type = 'none']/@unit",
        "string-length(//Name) = 7",
        "descendant::Name",
        "//Incident[Counter[@type='flow']]",
        "//@*[. = '1']",
        "round(2.5) = 3",
        "self::node()",
        "/.//Name/..",
    ] {
        assert!(holds(text), "{text}");
    }
    for text in [
        "//Nothing",
        "//iodef:Counter[3]",
        "//Counter[@type='x']",
        "false()",
        "0",
        "''",
        "/Counter",
        "//Counter = 11",
        "//iodef:Doc[@nothing]",
        "//Counter/text()/parent::*[@none]",
        "//sci:Counter",
        "//Counter[4]",
        "..",
        "/..",
        "//Doc/@lang/following-sibling::*",
    ] {
        assert!(!holds(text), "{text}");
    }
}

#[test]
fn what_is_no_expression_is_refused() {
    let deep = "(".repeat(30) + "1" + &")".repeat(30);
    for text in [
        "",
        "//",
        "a b",
        "//a[",
        "unknown(1)",
        "count()",
        "other:a",
        "'open",
        "a::b",
        "$v",
        "//a]",
        "1..2",
        "@",
        deep.as_str(),
    ] {
        assert_eq!(Expression::read(text), None, "{text}");
    }
}

#[test]
fn what_is_no_document_is_none() {
    for text in [
        "",
        "x",
        "<a>",
        "<a/><b",
        "<a></b>",
        "<p:a/>",
        "<!DOCTYPE a []><a/>",
        "<a>&b;</a>",
        "x<a/>",
        "<a b='1' b='2'/>",
    ] {
        assert!(Tree::read(text.as_bytes(), &[]).is_none(), "{text}");
    }
    let scope = [("p".to_owned(), "urn:ietf:params:xml:ns:iodef-2.0".to_owned())];
    let tree = Tree::read(b"<p:a/>", &scope).unwrap();
    assert_eq!(Expression::read("/iodef:a").unwrap().holds(&tree), Ok(true));
}

#[test]
fn a_question_without_end_is_ended() {
    let document = format!("<a>{}</a>", "<b>1</b>".repeat(20_000));
    let tree = Tree::read(document.as_bytes(), &[]).unwrap();
    assert_eq!(Expression::read("//b[. = //b[. = 2]]").unwrap().holds(&tree), Err(TooLong));
}

proptest! {
    #[test]
    fn nothing_is_a_panic(text in "[a-z/\\[\\]()@.*:|+=<>'\"0-9 -]{0,40}", bytes in "[<>a-z/='\" &;!\\[\\]-]{0,60}") {
        if let Some(expression) = Expression::read(&text) {
            for document in [DOCUMENT, bytes.as_str()] {
                if let Some(tree) = Tree::read(document.as_bytes(), &[]) {
                    let _ = expression.holds(&tree);
                }
            }
        }
    }
}
