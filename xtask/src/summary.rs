//! The numbers at the end of a test run.

use std::fmt;
use std::ops::AddAssign;

/// How many tests did what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl Counts {
    /// Reads nextest's closing line, `Summary [ 0.5s] 9 tests run: 7 passed (1 slow), 2 failed, 1 skipped`.
    /// Tests that ran out of time or could not be started failed.
    pub fn of_nextest(output: &str) -> Option<Self> {
        let line = output.lines().rev().find(|line| line.trim_start().starts_with("Summary ["))?;
        let (before, counts) = line.split_once(" run: ")?;
        before.trim_end().ends_with(['t', 's']).then_some(())?;
        let mut found = Self::default();
        for part in without_parentheses(counts).split(',') {
            let (number, what) = part.trim().split_once(' ')?;
            let number: u64 = number.parse().ok()?;
            match what.trim() {
                "passed" => found.passed += number,
                "skipped" => found.skipped += number,
                _ => found.failed += number,
            }
        }
        Some(found)
    }

    /// Adds up the closing lines of libtest, `test result: ok. 7 passed; 0 failed; 1 ignored; …`.
    pub fn of_libtest(output: &str) -> Self {
        let mut sum = Self::default();
        for line in output.lines().filter(|line| line.starts_with("test result:")) {
            let count = |what: &str| {
                let before = line.split(what).next().filter(|before| before.len() < line.len())?;
                before.trim_end().rsplit(' ').next()?.parse::<u64>().ok()
            };
            let one = |what| count(what).unwrap_or_default();
            sum += Self { passed: one("passed"), failed: one("failed;"), skipped: one("ignored") };
        }
        sum
    }
}

fn without_parentheses(text: &str) -> String {
    let mut depth = 0_u32;
    text.chars()
        .filter(|c| {
            depth += u32::from(*c == '(');
            let outside = depth == 0;
            depth -= u32::from(*c == ')');
            outside
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Counts;

    #[test]
    fn reads_the_closing_line_of_nextest() {
        for (line, expected) in [
            ("     Summary [   0.006s] 1 test run: 1 passed, 0 skipped", Some((1, 0, 0))),
            (
                "     Summary [  10.1s] 12 tests run: 9 passed (2 slow, 1 flaky), 3 failed, 4 skipped",
                Some((9, 3, 4)),
            ),
            (
                "Summary [ 1s] 8/12 tests run: 5 passed, 1 failed, 1 exec failed, 1 timed out, 0 skipped",
                Some((5, 3, 0)),
            ),
            ("error: no tests", None),
        ] {
            let output = format!("PASS [ 0.1s] something\n{line}\nerror: test run failed\n");
            let expected = expected.map(|(passed, failed, skipped)| Counts { passed, failed, skipped });
            assert_eq!(Counts::of_nextest(&output), expected, "{line}");
        }
    }

    #[test]
    fn adds_up_the_closing_lines_of_libtest() {
        let output = "test a ... ok\n\
            test result: ok. 7 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s\n\
            test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1s\n";
        assert_eq!(Counts::of_libtest(output), Counts { passed: 9, failed: 3, skipped: 1 });
        assert_eq!(Counts::of_libtest(""), Counts::default());
    }

    #[test]
    fn writes_one_line() {
        let counts = Counts { passed: 3, failed: 2, skipped: 1 };
        assert_eq!(counts.to_string(), "3 passed, 2 failed, 1 skipped");
    }
}
