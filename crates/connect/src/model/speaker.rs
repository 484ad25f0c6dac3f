//! A model in any dialect: asks, reads, has the form repaired once, and settles what the answer is worth.

use super::parse::{PagesForm, VerdictForm, read};
use super::prompt::{self, Shape};
use super::verdict::{Grounds, LEAKED, Settled, leaks, raw, settle};
use super::{Answer, Asked, Choice, Failure, Model, Question};
use crate::error::{ConnectError, Result};
use async_trait::async_trait;
use tokio::sync::Semaphore;

/// What came back from a model.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    Text(String),
    /// It, or a filter before it, declined.
    Refused(String),
    /// It ran into a limit before its end.
    Cut(String),
}

/// How one kind of server is asked.
#[async_trait]
pub(super) trait Dialect: Send + Sync {
    /// Sends both texts and asks for an answer of this form, which is a wish: nothing relies on it.
    async fn ask(&self, system: &str, user: &str, shape: &Shape) -> Result<Said>;
}

/// How a model is asked, whatever its dialect.
pub(super) struct Terms {
    /// The name that caches tell it by.
    pub name: String,
    /// What a call costs.
    pub credits: u64,
    /// Calls at once, one at least.
    pub at_once: usize,
}

/// A model that speaks a dialect.
pub(super) struct Speaker<D> {
    dialect: D,
    name: String,
    credits: u64,
    turns: Semaphore,
}

impl<D: Dialect> Speaker<D> {
    pub(super) fn new(dialect: D, terms: Terms) -> Self {
        let Terms { name, credits, at_once } = terms;
        Self { dialect, name, credits, turns: Semaphore::new(at_once.max(1)) }
    }

    /// Asks when its turn has come. `calls` is which one of a question it is.
    async fn ask(&self, system: &str, user: &str, shape: &Shape, calls: u64) -> Asked<Said> {
        let failed = |error: ConnectError| Failure { error, calls };
        let _turn = self
            .turns
            .acquire()
            .await
            .map_err(|_| failed(ConnectError::Unavailable("no call can be made any more".into())))?;
        self.dialect.ask(system, user, shape).await.map_err(failed)
    }

    fn answer(&self, prompt: &str, settled: Settled, raw: String, calls: u64) -> Answer {
        Answer {
            says: settled.says,
            reason: settled.reason,
            quote: settled.quote,
            raw,
            model: self.name.clone(),
            prompt_hash: prompt::hash(prompt),
            calls,
        }
    }
}

/// The message once more, with what was wrong with the answer. That answer is not sent back: a page may have had a hand
/// in it.
fn again(user: &str, fault: &str) -> String {
    format!(
        "{user}\n\nAn earlier answer could not be used: {fault}. Give the whole answer anew, as one JSON object of the \
         form that the rules give."
    )
}

/// What is wrong with an answer that was cut.
const CUT: &str = "it was cut off before its end";

#[async_trait]
impl<D: Dialect> Model for Speaker<D> {
    fn name(&self) -> &str {
        &self.name
    }

    fn credits(&self) -> u64 {
        self.credits
    }

    fn prompt_hash(&self, prompt: &str) -> String {
        prompt::hash(prompt)
    }

    async fn judge(&self, question: &Question) -> Asked<Answer> {
        let Question { prompt, source, subject } = question;
        let sent = prompt::judge(prompt, source, subject);
        if !sent.text.chars().any(char::is_alphanumeric) {
            let settled = Settled::unknown("There is no text to judge.");
            return Ok(self.answer(prompt, settled, String::new(), 0));
        }
        let shape = prompt::verdict_shape();
        let mut user = sent.user.clone();
        let mut calls = 0;
        loop {
            calls += 1;
            let said = self.ask(&sent.system, &user, &shape, calls).await?;
            let (settled, written) = match said {
                Said::Refused(text) => (Ok(Settled::unknown("The model declined to answer.")), text),
                Said::Cut(text) => (Err(CUT), text),
                Said::Text(text) if leaks(&text) || text.contains(&sent.mark) => {
                    return Ok(self.answer(prompt, Settled::unknown(LEAKED), String::new(), calls));
                }
                Said::Text(text) => {
                    let form = read::<VerdictForm>(&text, "verdict");
                    (form.map(|form| settle(&form, &Grounds::new(&sent.text, source, subject))), text)
                }
            };
            match settled {
                Ok(settled) => return Ok(self.answer(prompt, settled, raw(&written), calls)),
                Err(fault) if calls >= super::CALLS_AT_MOST => {
                    let settled = Settled::unknown(format!("The model's answer could not be used: {fault}."));
                    return Ok(self.answer(prompt, settled, raw(&written), calls));
                }
                Err(fault) => user = again(&sent.user, fault),
            }
        }
    }

    async fn choose(&self, prompt: &str, options: &[String], limit: usize) -> Asked<Choice> {
        if options.is_empty() || limit == 0 {
            return Ok(Choice { pages: Vec::new(), calls: 0 });
        }
        let sent = prompt::choose(prompt, options, limit);
        let shape = prompt::pages_shape();
        let mut user = sent.user.clone();
        let mut calls = 0;
        let useless = |text: String, calls| Failure { error: ConnectError::BadRequest(text), calls };
        loop {
            calls += 1;
            let said = self.ask(&sent.system, &user, &shape, calls).await?;
            let fault = match said {
                Said::Refused(_) => return Err(useless("the model declined to choose pages".into(), calls)),
                Said::Cut(_) => CUT,
                Said::Text(text) => match read(&text, "pages")
                    .and_then(|form: PagesForm| chosen(&form, prompt::put_up(options.len()), limit))
                {
                    Ok(pages) => return Ok(Choice { pages, calls }),
                    Err(fault) => fault,
                },
            };
            if calls >= super::CALLS_AT_MOST {
                return Err(useless(format!("the model's choice of pages: {fault}"), calls));
            }
            user = again(&sent.user, fault);
        }
    }
}

/// The positions that a choice names, at most so many.
fn chosen(form: &PagesForm, options: usize, limit: usize) -> std::result::Result<Vec<usize>, &'static str> {
    let mut chosen = Vec::new();
    for number in &form.pages {
        let at = usize::try_from(*number).ok().and_then(|number| number.checked_sub(1));
        let Some(at) = at.filter(|at| *at < options) else {
            return Err("it names a page that is not in the list");
        };
        if chosen.contains(&at) {
            return Err("it names a page twice");
        }
        chosen.push(at);
    }
    chosen.truncate(limit);
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::{Dialect, Said, Speaker, Terms};
    use crate::error::Result;
    use crate::model::prompt::Shape;
    use crate::model::{Model as _, Question};
    use async_trait::async_trait;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Counts how many ask at once.
    #[derive(Default)]
    struct Counting {
        now: AtomicUsize,
        most: AtomicUsize,
    }

    #[async_trait]
    impl Dialect for Counting {
        async fn ask(&self, _: &str, _: &str, _: &Shape) -> Result<Said> {
            let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            tokio::task::yield_now().await;
            self.now.fetch_sub(1, Ordering::SeqCst);
            Ok(Said::Refused(String::new()))
        }
    }

    #[tokio::test]
    async fn no_more_ask_at_once_than_may() {
        for (at_once, most) in [(0, 1), (2, 2), (16, 5)] {
            let terms = Terms { name: "m".to_owned(), credits: 1, at_once };
            let speaker = Speaker::new(Counting::default(), terms);
            let question =
                Question { prompt: "Q".to_owned(), source: "person".to_owned(), subject: "Ann".to_owned() };
            let answers = futures_util::future::join_all((0..5).map(|_| speaker.judge(&question))).await;
            assert!(answers.iter().all(|answer| answer.as_ref().is_ok_and(|answer| answer.calls == 1)));
            assert_eq!(speaker.dialect.most.load(Ordering::SeqCst), most, "{at_once}");
        }
    }
}
