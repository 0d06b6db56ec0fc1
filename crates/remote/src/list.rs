//! Listing what there is.

use futures_util::stream::{self, StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{ListResult, ObjectMeta};

use crate::backend::Backend;
use crate::client::{Client, path};
use crate::error::Error;
use crate::location::Location;
use crate::meta::Meta;
use ossicle_files::StoreKind;

const LIST: &str = "list";
/// Folders are not listed one by one where there are more than this many for each connection.
const MOST_FOLDERS_EACH: usize = 64;

/// The depth to which a list goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// What is in a folder, and the folders in it.
    Folder,
    /// Everything below.
    All,
}

/// An object in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name below the location that was listed.
    pub name: String,
    /// The facts that a look at it would tell.
    pub meta: Meta,
}

/// The objects below a location, in bytewise order of names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// The objects.
    pub objects: Vec<Entry>,
    /// The names of folders, which exist by what is in them; none in a list of [everything](Depth::All).
    pub folders: Vec<String>,
}

impl Client {
    /// Lists the objects below a location. Where there is nothing, it is empty; a file is nothing's folder.
    ///
    /// Everything below is listed folder by folder, as many at once as there are connections.
    ///
    /// # Errors
    /// [`Error::NoBucket`] if there is none; [`Error::Unsupported`] for a server of files; or if it cannot be
    /// listed.
    pub fn list(&self, location: &Location, depth: Depth) -> Result<Listing, Error> {
        if location.kind() == StoreKind::Http {
            return Err(Error::Unsupported { action: LIST, url: location.to_string() });
        }
        let listed = async {
            let (store, top) = (self.backend(location)?, path(location)?);
            match depth {
                Depth::Folder => self.one_folder(location, &store, &top).await,
                Depth::All => {
                    let objects = self.everything(location, &store, top).await?;
                    Ok(ListResult { objects, common_prefixes: Vec::new(), ..no_list() })
                }
            }
        };
        let listed = self.wait(location, listed)?;
        let below = |path: &Path| name_below(location, path);
        let entry =
            |meta: &ObjectMeta| Some(Entry { name: below(&meta.location)?, meta: Meta::of(meta) });
        let mut objects: Vec<_> = listed.objects.iter().filter_map(entry).collect();
        let mut folders: Vec<_> = listed.common_prefixes.iter().filter_map(below).collect();
        objects.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        folders.sort_unstable();
        Ok(Listing { objects, folders })
    }

    async fn one_folder(
        &self,
        location: &Location,
        store: &Backend,
        folder: &Path,
    ) -> Result<ListResult, Error> {
        let request = async || store.objects.list_with_delimiter(Some(folder)).await;
        self.attempt(LIST, location, request).await
    }

    async fn everything_in(
        &self,
        location: &Location,
        store: &Backend,
        folder: &Path,
    ) -> Result<Vec<ObjectMeta>, Error> {
        let request = async || {
            let mut found = Vec::new();
            let mut pages = store.objects.list(Some(folder));
            while let Some(meta) = pages.next().await {
                found.push(meta?);
            }
            Ok(found)
        };
        self.attempt(LIST, location, request).await
    }

    /// Lists a tree: the first folders one by one, until there are enough to list side by side.
    async fn everything(
        &self,
        location: &Location,
        store: &Backend,
        top: Path,
    ) -> Result<Vec<ObjectMeta>, Error> {
        let (mut found, mut folders) = (Vec::new(), vec![top]);
        while !folders.is_empty() && folders.len() < self.connections() {
            let lists = stream::iter(&folders).map(|it| self.one_folder(location, store, it));
            let lists: Vec<_> = lists.buffered(self.connections()).try_collect().await?;
            let mut deeper = Vec::new();
            let mut objects = Vec::new();
            for list in lists {
                objects.extend(list.objects);
                deeper.extend(list.common_prefixes);
            }
            if deeper.len() > MOST_FOLDERS_EACH * self.connections() {
                // So many requests would take longer than the few that list all of it in pages.
                break;
            }
            found.extend(objects);
            folders = deeper;
        }
        let lists = stream::iter(&folders).map(|it| self.everything_in(location, store, it));
        let mut lists = lists.buffered(self.connections());
        while let Some(objects) = lists.next().await {
            found.extend(objects?);
        }
        Ok(found)
    }
}

fn no_list() -> ListResult {
    ListResult { common_prefixes: Vec::new(), objects: Vec::new(), extensions: Default::default() }
}

/// The name of what is below a location; `None` for the location itself, whose name some stores list as
/// that of a folder.
fn name_below(location: &Location, path: &Path) -> Option<String> {
    let rest = path.as_ref().strip_prefix(location.key())?;
    let name = if location.key().is_empty() { rest } else { rest.strip_prefix('/')? };
    (!name.is_empty()).then(|| name.to_owned())
}
