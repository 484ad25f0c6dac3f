//! Candidates for a line, in order and batch by batch, and how far they are decided.

use super::candidate::Candidate;
use super::crm_source::{Place, Sources};
use super::retry::Retry;

use crate::error::Result;
use std::collections::VecDeque;

/// Yields first the candidates of an earlier run that are tried again, then those of the searches.
pub struct Feed<'r> {
    retry: Option<Retry>,
    sources: Sources<'r>,
    size: usize,
    /// A batch that was fetched before it was asked for.
    fetched: Option<(Vec<Candidate>, Place)>,
    /// For each batch that is not decided whole: how many of it are not, and the place after it.
    open: VecDeque<(usize, Place)>,
    /// All before this are decided.
    decided: Place,
    /// The place after what was fetched last.
    next: Place,
    ended: bool,
}

impl<'r> Feed<'r> {
    /// Candidates from `place` on, in batches of `size`.
    #[must_use]
    pub fn new(sources: Sources<'r>, retry: Option<Retry>, place: Place, size: usize) -> Self {
        Self {
            retry,
            sources,
            size,
            fetched: None,
            open: VecDeque::new(),
            decided: place.clone(),
            next: place,
            ended: false,
        }
    }

    /// Candidates of one batch.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// Whether there are no more.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// Whether the next batch is there already.
    #[must_use]
    pub fn is_fetched(&self) -> bool {
        self.fetched.is_some()
    }

    /// Fetches the next batch before it is asked for, unless there is none or it is there already.
    ///
    /// # Errors
    /// The catalog's.
    pub async fn fetch_ahead(&mut self) -> Result<()> {
        if self.fetched.is_none() && !self.ended {
            self.fetched = Some(self.fetch().await?);
        }
        Ok(())
    }

    /// The next batch.
    ///
    /// # Errors
    /// The catalog's.
    pub async fn next_batch(&mut self) -> Result<Vec<Candidate>> {
        let (batch, after) = match self.fetched.take() {
            Some(fetched) => fetched,
            None => self.fetch().await?,
        };
        self.next = after.clone();
        self.ended = self.retry.is_none() && batch.len() < self.size;
        self.open.push_back((batch.len(), after));
        self.close();
        Ok(batch)
    }

    async fn fetch(&mut self) -> Result<(Vec<Candidate>, Place)> {
        if let Some(retry) = &mut self.retry {
            match retry.next_batch(self.size).await? {
                Some(batch) => {
                    // They come first, and not again.
                    batch.iter().for_each(|candidate| self.sources.leave_out(candidate.id));
                    return Ok((batch, self.next.clone()));
                }
                None => self.retry = None,
            }
        }
        self.sources.next_batch(self.size).await
    }

    /// Notes that one more candidate is decided.
    pub fn note_decided(&mut self) {
        if let Some((left, _)) = self.open.front_mut() {
            *left = left.saturating_sub(1);
        }
        self.close();
    }

    fn close(&mut self) {
        while let Some((_, after)) = self.open.pop_front_if(|(left, _)| *left == 0) {
            self.decided = after;
        }
    }

    /// Where a run goes on after what is decided: those of a batch that is not decided whole come again, and have to be
    /// told by their ids.
    #[must_use]
    pub fn decided(&self) -> &Place {
        &self.decided
    }
}
