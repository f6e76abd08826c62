//! Passwords: argon2id in a fixed number of kept buffers, on threads of their own.
//!
//! Hashing is slow and wants 19 MiB each time. Done on the database's or the async threads it would block them; done on
//! a thread each it takes gigabytes in a storm of sign-ins. So there is one thread a core with one buffer each, a short
//! queue before them, and a refusal when the queue is full.

use argon2::password_hash::phc::{Output, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use crossbeam_channel::{Sender, bounded};
use portal_api_types::{ErrorCode, InvalidValue, NewPassword, Password};
use tokio::sync::oneshot;

use crate::clock::random_bytes;
use crate::db::DbError;
use crate::domain::{Failure, Outcome};

/// Hashes that may wait; at a few dozen a second, more would wait longer than anybody does.
const QUEUE: usize = 256;

type Job = Box<dyn FnOnce(&mut Hasher) + Send>;

/// Verifying against this takes as long as against a real one. Of random bytes that nobody knows, by today's parameters;
/// made beforehand, as a hash would take longer than all else at the start.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$wZS5cs3c5IeTsuElYE3w1A$rpi7i4kVSynJczr+IHEY+neacZm91pKfY6JsmcJUqqI";

/// The threads that hash. Cheap to clone.
#[derive(Clone)]
pub struct Passwords {
    queue: Sender<Job>,
}

/// What verifying a password has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verified {
    /// It is another password.
    Wrong,
    /// It is the right one.
    Right {
        /// The hash by today's parameters, when the stored one was made by weaker ones.
        upgraded: Option<String>,
    },
}

impl Passwords {
    /// Starts the threads.
    ///
    /// # Errors
    /// When the system refuses threads or memory.
    pub fn start(threads: usize) -> std::io::Result<Self> {
        let (queue, jobs) = bounded::<Job>(QUEUE);
        for number in 0..threads.max(1) {
            let jobs = jobs.clone();
            let mut hasher = Hasher::new();
            std::thread::Builder::new().name(format!("hash-{number}")).spawn(move || {
                for job in jobs {
                    let run = std::panic::AssertUnwindSafe(|| job(&mut hasher));
                    // The panic hook has logged it; the waiting request learns of it by its closed channel.
                    let _ = std::panic::catch_unwind(run);
                }
            })?;
        }
        Ok(Self { queue })
    }

    /// Refuses at once what would be refused later: in a storm of sign-ins, whoever cannot be served is to cost no more than
    /// that.
    ///
    /// # Errors
    /// [`DbError::Busy`] when too many wait.
    pub fn check_room(&self) -> Result<(), DbError> {
        if self.queue.is_full() { Err(DbError::Busy) } else { Ok(()) }
    }

    /// Verifies a password against the stored hash; without one, spends the same time and finds it wrong.
    ///
    /// # Errors
    /// [`DbError::Busy`] when too many wait.
    pub async fn verify(&self, password: Password, stored: Option<String>) -> Outcome<Verified> {
        self.submit(move |hasher| match stored {
            Some(stored) => hasher.verify(&password, &stored),
            None => {
                hasher.verify(&password, NOBODY);
                Verified::Wrong
            }
        })
        .await
    }

    /// Hashes a password that somebody chose.
    ///
    /// # Errors
    /// [`DbError::Busy`] when too many wait, or a refusal of a password that is easily guessed.
    pub async fn hash_new(
        &self,
        password: NewPassword,
        about: Vec<String>,
    ) -> Outcome<Result<String, InvalidValue>> {
        let hashed = self.submit(move |hasher| {
            check_strength(&password, &about)?;
            Ok(hasher.hash(password.as_password()))
        });
        match hashed.await? {
            Ok(Some(hash)) => Ok(Ok(hash)),
            Ok(None) => Err(Failure::Panicked),
            Err(weak) => Ok(Err(weak)),
        }
    }

    async fn submit<T, F>(&self, work: F) -> Outcome<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Hasher) -> T + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |hasher| {
            if !answer.is_closed() {
                let _ = answer.send(work(hasher));
            }
        });
        self.queue.try_send(job).map_err(|_| Failure::Database(DbError::Busy))?;
        answered.await.map_err(|_| Failure::Panicked)
    }
}

/// Refuses what an attacker tries first: below 10^6 guesses by zxcvbn's estimate, which also knows the person's own words.
fn check_strength(password: &NewPassword, about: &[String]) -> Result<(), InvalidValue> {
    // Whole and in words: "kim lee" hides in "kim-was-here" only as "kim".
    let words = about
        .iter()
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 2));
    let about: Vec<&str> = about.iter().map(String::as_str).chain(words).collect();
    let estimate = zxcvbn::zxcvbn(password.as_password().reveal(), &about);
    if estimate.score() >= zxcvbn::Score::Two {
        return Ok(());
    }
    let why = estimate
        .feedback()
        .and_then(zxcvbn::feedback::Feedback::warning)
        .map(|warning| format!(" {warning}"));
    Err(InvalidValue::new(
        ErrorCode::PasswordTooCommon,
        format!("The password is too easy to guess. Use a few unrelated words.{}", why.unwrap_or_default()),
    ))
}

/// A worker's buffer, which is empty until the first hash, and the parameters: 19 MiB, 2 passes, 1 lane (the OWASP recommendation, argon2's default).
struct Hasher {
    memory: Vec<Block>,
    params: Params,
}

impl Hasher {
    fn new() -> Self {
        let params = Params::default();
        Self { memory: Vec::new(), params }
    }

    fn compute(&mut self, password: &Password, salt: &[u8], params: &Params) -> Option<[u8; 32]> {
        if self.memory.len() < params.block_count() {
            self.memory.resize(params.block_count(), Block::new());
        }
        let mut out = [0; 32];
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
        let memory = &mut self.memory[..params.block_count()];
        argon2.hash_password_into_with_memory(password.reveal().as_bytes(), salt, &mut out, memory).ok()?;
        Some(out)
    }

    /// The PHC string of a password; nothing only if argon2 itself refuses our parameters.
    fn hash(&mut self, password: &Password) -> Option<String> {
        let salt = random_bytes::<16>();
        let params = self.params.clone();
        let out = self.compute(password, &salt, &params)?;
        let hash = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: (&params).try_into().ok()?,
            salt: Some(Salt::new(&salt).ok()?),
            hash: Some(Output::new(&out).ok()?),
        };
        Some(hash.to_string())
    }

    fn verify(&mut self, password: &Password, stored: &str) -> Verified {
        let Some((params, right)) = self.matches(password, stored) else { return Verified::Wrong };
        if !right {
            return Verified::Wrong;
        }
        let outdated = (params.m_cost(), params.t_cost(), params.p_cost())
            != (self.params.m_cost(), self.params.t_cost(), self.params.p_cost());
        Verified::Right { upgraded: if outdated { self.hash(password) } else { None } }
    }

    fn matches(&mut self, password: &Password, stored: &str) -> Option<(Params, bool)> {
        let hash = PasswordHash::new(stored).ok()?;
        let params = Params::try_from(&hash).ok()?;
        let salt = hash.salt?;
        let expected = hash.hash?;
        let found = self.compute(password, salt.as_ref(), &params)?;
        let equal = aws_lc_rs::constant_time::verify_slices_are_equal(&found, expected.as_bytes()).is_ok();
        Some((params, equal))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_keeps_its_parameters_and_weaker_ones_are_upgraded() {
        let mut hasher = Hasher::new();
        let password = Password::new("violet-harbour-41-lamp");
        let today = hasher.hash(&password).unwrap();
        assert!(today.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{today}");
        assert_eq!(hasher.verify(&password, &today), Verified::Right { upgraded: None });
        assert_eq!(hasher.verify(&Password::new("another"), &today), Verified::Wrong);
        let mut weaker = Hasher { params: Params::new(8_192, 1, 1, Some(32)).unwrap(), ..Hasher::new() };
        let yesterday = weaker.hash(&password).unwrap();
        let Verified::Right { upgraded: Some(upgraded) } = hasher.verify(&password, &yesterday) else {
            unreachable!("the right password, by weaker parameters");
        };
        assert_eq!(hasher.verify(&password, &upgraded), Verified::Right { upgraded: None });
        assert_eq!(hasher.verify(&password, "nonsense"), Verified::Wrong);
    }

    #[test]
    fn there_is_no_room_while_the_queue_is_full() {
        let passwords = Passwords::start(1).unwrap();
        let ((begun, has_begun), (end, may_end)) = (bounded::<()>(1), bounded::<()>(1));
        let running: Job = Box::new(move |_| {
            begun.send(()).unwrap();
            may_end.recv().unwrap();
        });
        passwords.queue.send(running).unwrap();
        has_begun.recv().unwrap();
        for _ in 0..QUEUE {
            assert!(passwords.check_room().is_ok());
            passwords.queue.try_send(Box::new(|_| {})).unwrap();
        }
        assert!(matches!(passwords.check_room(), Err(DbError::Busy)));
        end.send(()).unwrap();
        while passwords.check_room().is_err() {
            std::thread::yield_now();
        }
    }

    #[test]
    fn verifying_nobodys_password_takes_what_a_real_one_takes() {
        let mut hasher = Hasher::new();
        let (params, _) = hasher.matches(&Password::new("any"), NOBODY).unwrap();
        let today = (hasher.params.m_cost(), hasher.params.t_cost(), hasher.params.p_cost());
        assert_eq!((params.m_cost(), params.t_cost(), params.p_cost()), today);
    }

    #[test]
    fn passwords_made_of_the_persons_own_words_or_of_common_ones_are_refused() {
        let about = ["Kim Lee".to_owned(), "kim@corner-kiosk.example".to_owned(), "Corner Kiosk".to_owned()];
        for weak in ["password123", "1234567890", "aaaaaaaaaaaa", "cornerkiosk", "kim@corner-kiosk.example"] {
            let refused = check_strength(&NewPassword::parse(weak).unwrap(), &about);
            assert_eq!(refused.unwrap_err().code, ErrorCode::PasswordTooCommon, "{weak}");
        }
        for good in ["violet-harbour-41", "correct horse battery staple", "пароль-из-трёх-слов"]
        {
            assert!(check_strength(&NewPassword::parse(good).unwrap(), &about).is_ok(), "{good}");
        }
    }
}
