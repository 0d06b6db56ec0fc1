//! The elements of an ELAN document that say what is labelled when.

use std::collections::HashMap;

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesRef, BytesStart, Event},
};

use crate::{labels::alignment_error::AlignmentError, names::shown};

/// A document, as far as it is about time.
#[derive(Debug, Default)]
pub(super) struct Document {
    /// The time of each slot, in nanoseconds; none where the document says none.
    pub(super) slots: HashMap<String, Option<u64>>,
    pub(super) tiers: Vec<Annotations>,
}

/// A tier.
#[derive(Debug, Default)]
pub(super) struct Annotations {
    pub(super) name: String,
    pub(super) annotations: Vec<Annotation>,
}

/// An annotation of a tier.
#[derive(Debug)]
pub(super) struct Annotation {
    pub(super) id: String,
    pub(super) refers: Refers,
    pub(super) value: String,
    pub(super) line: u64,
}

/// What the time of an annotation is taken from.
#[derive(Debug)]
pub(super) enum Refers {
    /// Time slots.
    Slots(String, String),
    /// An annotation of a parent tier; with the annotation beside it that it follows, if any.
    Annotation { parent: String, previous: Option<String> },
}

impl Annotation {
    /// An error about it.
    pub(super) fn wrong(&self, expected: &'static str) -> AlignmentError {
        let found = format!("the annotation `{}`", shown(&self.id));
        AlignmentError::Expected { line: self.line, column: 1, expected, found }
    }

    /// Its line as labels keep it.
    pub(super) fn mark_line(&self) -> u32 {
        u32::try_from(self.line).unwrap_or(u32::MAX)
    }
}

impl Document {
    /// Reads the elements of a document.
    pub(super) fn read(text: &str) -> Result<Document, AlignmentError> {
        let mut input = Input { reader: Reader::from_str(text), text, counted: 0, line: 1 };
        let mut document = Document::default();
        // Elements that are open, and whether the text in them is an annotation's.
        let (mut depth, mut is_value) = (0_u64, false);
        loop {
            let event = input.next()?;
            let is_empty = matches!(event, Event::Empty(_));
            match event {
                Event::Start(element) | Event::Empty(element) => {
                    depth += u64::from(!is_empty);
                    is_value = element.name().as_ref() == "ANNOTATION_VALUE" && !is_empty;
                    document.element(&element, &input)?;
                }
                Event::End(_) => {
                    depth = depth.saturating_sub(1);
                    is_value = false;
                }
                Event::Text(text) if is_value => {
                    document.say(&text.xml_content(XmlVersion::Explicit1_0));
                }
                Event::CData(text) if is_value => {
                    document.say(&text.xml_content(XmlVersion::Explicit1_0));
                }
                Event::GeneralRef(entity) if is_value => {
                    document.say(&input.character(&entity)?.to_string());
                }
                Event::Eof if depth > 0 => {
                    let expected = "the end of an element";
                    return Err(input.wrong(expected, "the end of the file".into()));
                }
                Event::Eof => return Ok(document),
                _ => {}
            }
        }
    }

    /// Adds to the value of the last annotation.
    fn say(&mut self, text: &str) {
        let last = self.tiers.last_mut().and_then(|tier| tier.annotations.last_mut());
        if let Some(annotation) = last {
            annotation.value.push_str(text);
        }
    }

    fn element(
        &mut self,
        element: &BytesStart<'_>,
        input: &Input<'_>,
    ) -> Result<(), AlignmentError> {
        let need = |name: &'static str| match input.attribute(element, name)? {
            Some(value) => Ok(value),
            None => Err(input.wrong(name, "an element without it".into())),
        };
        match element.name().as_ref() {
            "HEADER" => {
                let unit = input.attribute(element, "TIME_UNITS")?;
                if let Some(unit) = unit.filter(|unit| unit != "milliseconds") {
                    return Err(input.wrong("times in milliseconds", shown(&unit)));
                }
            }
            "MEDIA_DESCRIPTOR" => {
                let origin = input.attribute(element, "TIME_ORIGIN")?;
                if let Some(origin) = origin.filter(|origin| origin != "0") {
                    return Err(AlignmentError::NotRead {
                        kind: format!("an annotation of media with an offset ({origin} ms)"),
                        remedy: "export it from ELAN with the offset applied",
                    });
                }
            }
            "TIME_SLOT" => {
                let value = input.attribute(element, "TIME_VALUE")?;
                let time = |value: String| {
                    let milliseconds = value.parse::<u64>().ok();
                    let time = milliseconds.and_then(|time| time.checked_mul(1_000_000));
                    time.ok_or_else(|| {
                        input.wrong("whole milliseconds", format!("`{}`", shown(&value)))
                    })
                };
                let time = value.map(time).transpose()?;
                self.slots.insert(need("TIME_SLOT_ID")?, time);
            }
            "TIER" => {
                let (name, annotations) = (need("TIER_ID")?, Vec::new());
                self.tiers.push(Annotations { name, annotations });
            }
            "ALIGNABLE_ANNOTATION" => {
                let refers = Refers::Slots(need("TIME_SLOT_REF1")?, need("TIME_SLOT_REF2")?);
                self.annotation(need("ANNOTATION_ID")?, refers, input)?;
            }
            "REF_ANNOTATION" => {
                let previous = input.attribute(element, "PREVIOUS_ANNOTATION")?;
                let previous = previous.filter(|previous| !previous.is_empty());
                let refers = Refers::Annotation { parent: need("ANNOTATION_REF")?, previous };
                self.annotation(need("ANNOTATION_ID")?, refers, input)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn annotation(
        &mut self,
        id: String,
        refers: Refers,
        input: &Input<'_>,
    ) -> Result<(), AlignmentError> {
        let Some(tier) = self.tiers.last_mut() else {
            return Err(input.wrong("a tier around it", format!("the annotation `{}`", shown(&id))));
        };
        tier.annotations.push(Annotation { id, refers, value: String::new(), line: input.line });
        Ok(())
    }
}

/// The events of a document, and the line that they are on.
struct Input<'a> {
    reader: Reader<&'a [u8]>,
    text: &'a str,
    /// The bytes whose lines are counted.
    counted: usize,
    line: u64,
}

impl<'a> Input<'a> {
    fn next(&mut self) -> Result<Event<'a>, AlignmentError> {
        let at = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX);
        if let Some(passed) = self.text.as_bytes().get(self.counted..at) {
            self.line += passed.iter().filter(|&&byte| byte == b'\n').count() as u64;
            self.counted = at;
        }
        self.reader.read_event().map_err(|source| AlignmentError::Xml { line: self.line, source })
    }

    /// The value of an attribute, if the element has it.
    fn attribute(
        &self,
        element: &BytesStart<'_>,
        name: &str,
    ) -> Result<Option<String>, AlignmentError> {
        let xml = |source: quick_xml::Error| AlignmentError::Xml { line: self.line, source };
        // Without the check for names that are there twice, which takes the square of their number.
        for attribute in element.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| xml(error.into()))?;
            if attribute.key.as_ref() == name {
                let value = attribute.normalized_value(XmlVersion::Explicit1_0).map_err(xml)?;
                return Ok(Some(value.into_owned()));
            }
        }
        Ok(None)
    }

    /// The character of a reference: one of XML's own five, or a number. Those that a document defines are
    /// not expanded.
    fn character(&self, entity: &BytesRef<'_>) -> Result<char, AlignmentError> {
        let xml = |source: quick_xml::Error| AlignmentError::Xml { line: self.line, source };
        if let Some(character) = entity.resolve_char_ref().map_err(xml)? {
            return Ok(character);
        }
        Ok(match &**entity {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            name => {
                let found = format!("`&{};`", shown(name));
                return Err(self.wrong("an entity of XML's own", found));
            }
        })
    }

    fn wrong(&self, expected: &'static str, found: String) -> AlignmentError {
        AlignmentError::Expected { line: self.line, column: 1, expected, found }
    }
}
