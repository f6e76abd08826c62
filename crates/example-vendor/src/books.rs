//! Our own data: accounts, and invoices in each. In a real product this is its database.

use std::path::Path;

use portal_client::api_types::{ExternalId, NewOwner};
use serde::{Deserialize, Serialize};

/// What is there when no file is named.
const EXAMPLE: &str = include_str!("../accounts.json");

/// An account of ours.
#[derive(Debug, Clone, Deserialize)]
pub struct Account {
    /// Our id for it, which is the portal's `external_id`.
    pub external_id: ExternalId,
    /// Its name.
    pub name: portal_client::api_types::Name,
    /// Who owns it: whom the portal lets in first.
    pub owner: NewOwner,
    /// Its invoices.
    pub invoices: Vec<Invoice>,
}

/// An invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
    /// Its number.
    pub number: String,
    /// Its day.
    pub date: chrono::NaiveDate,
    /// Who has to pay.
    pub customer: String,
    /// How much, in hundredths.
    pub total_cents: u64,
    /// In which money.
    pub currency: String,
}

/// Why there are no books.
#[derive(Debug, thiserror::Error)]
pub enum BooksError {
    /// The file cannot be read.
    #[error("the accounts cannot be read: {0}")]
    File(#[from] std::io::Error),
    /// It is not what it should be.
    #[error("the accounts are not well-formed: {0}")]
    Form(#[from] serde_json::Error),
}

/// All accounts of ours.
#[derive(Debug, Clone)]
pub struct Books(Vec<Account>);

impl Books {
    /// Reads the file, or the example.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(path: Option<&Path>) -> Result<Self, BooksError> {
        let text = path.map(std::fs::read_to_string).transpose()?;
        Ok(Self(serde_json::from_str(text.as_deref().unwrap_or(EXAMPLE))?))
    }

    /// All of them.
    pub fn accounts(&self) -> &[Account] {
        &self.0
    }

    /// The one that the portal calls by this external id.
    pub fn account(&self, external_id: &ExternalId) -> Option<&Account> {
        self.0.iter().find(|account| &account.external_id == external_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_can_be_read_and_an_account_is_found_by_its_external_id() {
        let books = Books::read(None).unwrap();
        let id = "shop-502".parse().unwrap();
        assert_eq!(books.account(&id).unwrap().name.as_str(), "Northside Books");
        assert!(books.account(&"shop-999".parse().unwrap()).is_none());
        assert!(Books::read(Some(Path::new("no/such/file"))).is_err());
    }
}
