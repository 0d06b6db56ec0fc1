//! Licence expressions as packages state them: `(MIT OR Apache-2.0) AND Unicode-3.0`.
//!
//! The grammar is annex D of the SPDX specification 2.3: `WITH` binds tighter than `AND`, `AND`
//! tighter than `OR`. Packages older than that rule write a slash for `OR`.

use anyhow::{Result, bail};

/// A licence expression.
#[derive(Debug, PartialEq)]
pub(crate) enum Expression {
    /// One licence, with its exception if it has one: `Apache-2.0 WITH LLVM-exception`.
    Licence(String),
    /// Both must be kept.
    And(Box<Expression>, Box<Expression>),
    /// Either may be chosen.
    Or(Box<Expression>, Box<Expression>),
}

impl Expression {
    /// Parses an expression.
    ///
    /// # Errors
    /// If it is not one: a missing operand, an unclosed parenthesis, words side by side.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let spaced = text.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
        let mut parser = Parser { words: spaced.split_whitespace().collect(), next: 0 };
        let expression = parser.any_of()?;
        match parser.peek() {
            None => Ok(expression),
            Some(word) => bail!("unexpected {word:?}"),
        }
    }

    /// Whether the choices can be made so that every remaining licence is `allowed`.
    pub(crate) fn is_satisfied_by(&self, allowed: &[&str]) -> bool {
        match self {
            Self::Licence(name) => allowed.contains(&name.as_str()),
            Self::And(left, right) => {
                left.is_satisfied_by(allowed) && right.is_satisfied_by(allowed)
            }
            Self::Or(left, right) => {
                left.is_satisfied_by(allowed) || right.is_satisfied_by(allowed)
            }
        }
    }
}

struct Parser<'a> {
    words: Vec<&'a str>,
    next: usize,
}

impl<'a> Parser<'a> {
    fn any_of(&mut self) -> Result<Expression> {
        let mut left = self.all_of()?;
        while self.take("OR") {
            left = Expression::Or(Box::new(left), Box::new(self.all_of()?));
        }
        Ok(left)
    }

    fn all_of(&mut self) -> Result<Expression> {
        let mut left = self.one()?;
        while self.take("AND") {
            left = Expression::And(Box::new(left), Box::new(self.one()?));
        }
        Ok(left)
    }

    fn one(&mut self) -> Result<Expression> {
        if self.take("(") {
            let inner = self.any_of()?;
            if !self.take(")") {
                bail!("a parenthesis is not closed");
            }
            return Ok(inner);
        }
        let mut name = self.name()?.to_owned();
        if self.take("WITH") {
            name = format!("{name} WITH {}", self.name()?);
        }
        Ok(Expression::Licence(name))
    }

    fn name(&mut self) -> Result<&'a str> {
        match self.peek() {
            Some(word) if !["AND", "OR", "WITH", "(", ")"].contains(&word) => {
                self.next += 1;
                Ok(word)
            }
            Some(word) => bail!("a licence is missing before {word:?}"),
            None => bail!("a licence is missing at the end"),
        }
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.peek() == Some(word);
        self.next += usize::from(found);
        found
    }

    fn peek(&self) -> Option<&'a str> {
        self.words.get(self.next).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn satisfied(text: &str, allowed: &[&str]) -> bool {
        Expression::parse(text).unwrap().is_satisfied_by(allowed)
    }

    #[test]
    fn or_needs_one_and_needs_both() {
        assert!(satisfied("MIT OR GPL-3.0-only", &["MIT"]));
        assert!(satisfied("GPL-3.0-only OR MIT", &["MIT"]));
        assert!(!satisfied("GPL-3.0-only OR LGPL-2.1-or-later", &["MIT"]));
        assert!(satisfied("MIT AND ISC", &["MIT", "ISC"]));
        assert!(!satisfied("MIT AND ISC", &["MIT"]));
        assert!(!satisfied("MIT AND ISC", &["ISC"]));
    }

    #[test]
    fn and_binds_tighter_than_or() {
        // (A AND B) OR C: C alone is enough. With the other reading, A would be needed too.
        assert!(satisfied("A AND B OR C", &["C"]));
        assert!(satisfied("C OR A AND B", &["C"]));
        assert!(!satisfied("C OR A AND B", &["A"]));
    }

    #[test]
    fn parentheses_bind_tightest() {
        assert!(!satisfied("(MIT OR Apache-2.0) AND Unicode-3.0", &["MIT"]));
        assert!(satisfied("(MIT OR Apache-2.0) AND Unicode-3.0", &["MIT", "Unicode-3.0"]));
        assert!(satisfied("((MIT))", &["MIT"]));
    }

    #[test]
    fn a_slash_is_an_old_or() {
        assert_eq!(
            Expression::parse("MIT/Apache-2.0").unwrap(),
            Expression::parse("MIT OR Apache-2.0").unwrap()
        );
        assert!(satisfied("Unlicense / MIT", &["MIT"]));
    }

    #[test]
    fn a_licence_with_an_exception_is_another_licence() {
        assert!(!satisfied("Apache-2.0 WITH LLVM-exception", &["Apache-2.0"]));
        assert!(satisfied(
            "Apache-2.0 WITH LLVM-exception AND MIT",
            &["Apache-2.0 WITH LLVM-exception", "MIT"]
        ));
    }

    #[test]
    fn what_is_no_expression_is_an_error() {
        for text in ["", "MIT OR", "OR MIT", "(MIT", "MIT)", "MIT ISC", "MIT WITH", "()", "A//B"] {
            assert!(Expression::parse(text).is_err(), "{text:?}");
        }
    }
}
