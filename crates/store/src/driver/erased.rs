//! Units of work without their types: what queues, runs, repeats and answers them is compiled once, and not anew for each
//! of the hundreds of units that there are.

use super::Connection;
use crate::error::StoreError;
use crate::tx::{Tx, Unit};
use std::any::Any;
use std::marker::PhantomData;

/// What a unit made; who runs it knows what that is.
pub(super) type Made = Box<dyn Any + Send>;
/// What became of a unit.
pub(super) type Outcome = Result<Made, Failure>;
/// A read that takes a while.
pub(super) type LongRead = Box<dyn for<'t, 'c> FnOnce(&'t mut Tx<'c>) -> Unit<'t, Made, Failure> + Send>;

/// Why a unit failed.
pub(super) enum Failure {
    Store(StoreError),
    /// An error of the unit's own type.
    Own(Made),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// A unit of work that may be run several times.
pub(super) trait Work: Send {
    fn run(self: Box<Self>, connection: Connection<'_>) -> Unit<'_, Made, Failure>;
    fn copy(&self) -> Box<dyn Work>;
}

impl Clone for Box<dyn Work> {
    fn clone(&self) -> Self {
        self.as_ref().copy()
    }
}

struct Typed<F, T, E> {
    unit: F,
    makes: PhantomData<fn() -> Result<T, E>>,
}

impl<F, T, E> Work for Typed<F, T, E>
where
    T: Send + 'static,
    E: Send + 'static,
    F: for<'t> FnOnce(Connection<'t>) -> Unit<'t, T, E> + Clone + Send + 'static,
{
    fn run(self: Box<Self>, connection: Connection<'_>) -> Unit<'_, Made, Failure> {
        untyped((self.unit)(connection))
    }

    fn copy(&self) -> Box<dyn Work> {
        Box::new(Self { unit: self.unit.clone(), makes: PhantomData })
    }
}

/// A unit of work without its types.
pub(super) fn work<T, E, F>(unit: F) -> Box<dyn Work>
where
    T: Send + 'static,
    E: Send + 'static,
    F: for<'t> FnOnce(Connection<'t>) -> Unit<'t, T, E> + Clone + Send + 'static,
{
    Box::new(Typed { unit, makes: PhantomData })
}

/// The same for a read that takes a while.
pub(super) fn long_read<T, E, F>(unit: F) -> LongRead
where
    T: Send + 'static,
    E: Send + 'static,
    F: for<'t> FnOnce(&'t mut Tx<'_>) -> Unit<'t, T, E> + Send + 'static,
{
    Box::new(move |tx| untyped(unit(tx)))
}

fn untyped<'t, T, E>(unit: Unit<'t, T, E>) -> Unit<'t, Made, Failure>
where
    T: Send + 'static,
    E: Send + 'static,
{
    Box::pin(async move {
        match unit.await {
            Ok(made) => Ok(Box::new(made) as Made),
            Err(error) => Err(Failure::Own(Box::new(error))),
        }
    })
}

/// The outcome of a unit in its own types.
pub(super) fn typed<T: 'static, E: From<StoreError> + 'static>(outcome: Outcome) -> Result<T, E> {
    let another = || E::from(StoreError::Internal("a unit of work made something else".to_owned()));
    match outcome {
        Ok(made) => made.downcast().map(|made| *made).map_err(|_| another()),
        Err(Failure::Store(error)) => Err(error.into()),
        Err(Failure::Own(error)) => Err(error.downcast().map_or_else(|_| another(), |error| *error)),
    }
}

#[cfg(test)]
mod tests {
    use super::{Failure, Made, typed};
    use crate::error::StoreError;

    #[test]
    fn outcomes_come_back_in_their_own_types() {
        let made: Made = Box::new(17_u32);
        assert!(matches!(typed::<u32, StoreError>(Ok(made)), Ok(17)));
        let own = || StoreError::Unavailable("own".to_owned());
        for failure in [Failure::Own(Box::new(own())), own().into()] {
            let error = typed::<u32, StoreError>(Err(failure)).unwrap_err();
            assert!(matches!(&error, StoreError::Unavailable(text) if text == "own"), "{error:?}");
        }
        let other: Made = Box::new("text");
        assert!(matches!(typed::<u32, StoreError>(Ok(other)), Err(StoreError::Internal(_))));
    }
}
