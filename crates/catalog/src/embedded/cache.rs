//! Answers that come again: which documents of a segment pass a test.
//!
//! Segments never change, so an answer stays right for as long as its segment is there; what was deleted since is
//! taken out by the search. Answers that were not asked for longest go first.

use super::docs::Docs;
use crate::facts::{Condition, Test};
use lru::LruCache;
use std::sync::{Arc, Mutex, PoisonError};
use tantivy::index::SegmentId;

/// What a segment was asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Question {
    Test(Test),
    /// Who is at a company like this; the number tells the state of the companies.
    Employers(u64, Vec<Condition>),
    /// Which companies have a record.
    Live,
}

/// Answers of all segments.
pub(super) struct Cache {
    answers: Mutex<Answers>,
    room: usize,
}

struct Answers {
    by_question: LruCache<(SegmentId, Question), Arc<Docs>>,
    bytes: usize,
}

impl Cache {
    /// Remembers as much as fits into `room` bytes.
    pub fn new(room: usize) -> Self {
        Self { answers: Mutex::new(Answers { by_question: LruCache::unbounded(), bytes: 0 }), room }
    }

    pub fn get(&self, segment: SegmentId, question: &Question) -> Option<Arc<Docs>> {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.by_question.get(&(segment, question.clone())).map(Arc::clone)
    }

    pub fn put(&self, segment: SegmentId, question: Question, docs: &Arc<Docs>) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.bytes += docs.bytes();
        if let Some(old) = answers.by_question.put((segment, question), Arc::clone(docs)) {
            answers.bytes -= old.bytes();
        }
        while answers.bytes > self.room
            && let Some((_, old)) = answers.by_question.pop_lru()
        {
            answers.bytes -= old.bytes();
        }
    }

    /// Forgets the answers of segments that are gone.
    pub fn keep(&self, is_there: impl Fn(SegmentId) -> bool) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let gone: Vec<_> = answers
            .by_question
            .iter()
            .filter(|((id, _), _)| !is_there(*id))
            .map(|(key, _)| key.clone())
            .collect();
        for key in gone {
            if let Some(old) = answers.by_question.pop(&key) {
                answers.bytes -= old.bytes();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::bits::Bits;
    use super::{Cache, Docs, Question};
    use crate::facts::{NumberField, Test};
    use std::sync::Arc;
    use tantivy::index::SegmentId;

    fn question(most: u64) -> Question {
        Question::Test(Test::Within { field: NumberField::Revenue, bands: vec![(0, most)] })
    }

    #[test]
    fn what_was_asked_last_stays() {
        let one = Arc::new(Docs::Many(Bits::all(64_000)));
        let cache = Cache::new(one.bytes() * 2);
        let segment = SegmentId::generate_random();
        for most in 0..3 {
            cache.put(segment, question(most), &one);
            assert!(cache.get(segment, &question(1)).is_some() || most == 0);
        }
        assert!(cache.get(segment, &question(0)).is_none());
        assert!(cache.get(segment, &question(2)).is_some());
        assert!(cache.get(SegmentId::generate_random(), &question(2)).is_none());
        cache.keep(|id| id != segment);
        assert!(cache.get(segment, &question(2)).is_none());
    }
}
