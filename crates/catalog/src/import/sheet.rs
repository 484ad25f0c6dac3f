//! Spreadsheets: the rows of one sheet as lines of JSON, so that everything behind is shared with NDJSON.

use super::error::ImportError;
use super::guard::guarded;
use calamine::{Data, DataRef, Reader as _, SheetType, SheetVisible, Xlsx};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Seek as _, Write};

/// A cell that is read, by its column from 0.
type Cell = (u32, String);

/// Writes the rows of a sheet (the first that is shown unless one is named) into `scratch`, the nth row on the nth
/// line, and returns the columns that the first row with values names.
pub(super) fn unfold(
    name: &str,
    file: File,
    sheet: Option<&str>,
    scratch: File,
) -> Result<(Vec<String>, File), ImportError> {
    let damaged = |cause: io::Error| ImportError::Damaged { name: name.to_owned(), cause };
    let mut book = guarded(|| Xlsx::new(BufReader::new(file)).map_err(io::Error::other)).map_err(damaged)?;
    let sheets = book.sheet_names();
    let shown = book
        .sheets_metadata()
        .iter()
        .find(|sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible)
        .map(|sheet| sheet.name.clone());
    let chosen = match sheet {
        Some(wanted) => sheets.iter().find(|sheet| sheet.trim() == wanted.trim()).cloned(),
        None => shown.or_else(|| sheets.first().cloned()),
    };
    let Some(chosen) = chosen else {
        return Err(ImportError::NoSheet {
            name: name.to_owned(),
            sheet: sheet.unwrap_or_default().to_owned(),
            sheets: sheets.join(", "),
        });
    };
    guarded(|| write_rows(&mut book, &chosen, scratch)).map_err(damaged)
}

fn write_rows(
    book: &mut Xlsx<BufReader<File>>,
    sheet: &str,
    scratch: File,
) -> io::Result<(Vec<String>, File)> {
    let mut lines =
        Lines { out: BufWriter::new(scratch), written: 0, columns: Vec::new(), named: Vec::new() };
    let mut cells = book.worksheet_cells_reader(sheet).map_err(io::Error::other)?;
    let mut row: (u32, Vec<Cell>) = (0, Vec::new());
    while let Some(cell) = cells.next_cell().map_err(io::Error::other)? {
        let (at, column) = cell.get_position();
        if at != row.0 {
            lines.row(row.0, &row.1)?;
            row = (at, Vec::new());
        }
        if let Some(text) = text(cell.get_value()) {
            row.1.push((column, text));
        }
    }
    lines.row(row.0, &row.1)?;
    let mut file = lines.out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.rewind()?;
    Ok((lines.columns, file))
}

struct Lines {
    out: BufWriter<File>,
    written: u32,
    columns: Vec<String>,
    /// The places of `columns`.
    named: Vec<u32>,
}

impl Lines {
    /// Writes the row with this number, from 0; the first one with values names the columns.
    fn row(&mut self, number: u32, cells: &[Cell]) -> io::Result<()> {
        if cells.is_empty() {
            return Ok(());
        }
        while self.written < number {
            self.out.write_all(b"\n")?;
            self.written += 1;
        }
        if self.columns.is_empty() {
            self.name(cells);
        } else {
            for (count, (column, text)) in cells.iter().enumerate() {
                self.out.write_all(if count == 0 { b"{" } else { b"," })?;
                match self.named.iter().position(|place| place == column).and_then(|at| self.columns.get(at))
                {
                    Some(name) => serde_json::to_writer(&mut self.out, name)?,
                    None => serde_json::to_writer(&mut self.out, &format!("column {}", letters(*column)))?,
                }
                self.out.write_all(b":")?;
                serde_json::to_writer(&mut self.out, text)?;
            }
            self.out.write_all(b"}")?;
        }
        self.out.write_all(b"\n")?;
        self.written += 1;
        Ok(())
    }

    /// Takes the names of columns; a repeated one gets a number, which the mapping ignores.
    fn name(&mut self, cells: &[Cell]) {
        for (column, text) in cells {
            let text = text.trim();
            let same = self.columns.iter().filter(|old| {
                old.strip_prefix(text).is_some_and(|rest| rest.trim().chars().all(|c| c.is_ascii_digit()))
            });
            let name = match same.count() {
                0 => text.to_owned(),
                before => format!("{text} {}", before + 1),
            };
            self.columns.push(name);
            self.named.push(*column);
        }
    }
}

/// The letters of a column, from 0: A, B, … AA.
fn letters(column: u32) -> String {
    let mut text = String::new();
    let mut rest = column + 1;
    while rest > 0 {
        let letter = u8::try_from((rest - 1) % 26).unwrap_or(0);
        text.insert(0, char::from(b'A' + letter));
        rest = (rest - 1) / 26;
    }
    text
}

/// What stands in a cell as text; of a formula its last value. `None` for nothing and for an error.
fn text(value: &DataRef<'_>) -> Option<String> {
    let text = match Data::from(value.clone()) {
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text,
        Data::Int(number) => number.to_string(),
        Data::Float(number) => number.to_string(),
        Data::Bool(value) => value.to_string(),
        Data::DateTime(at) if at.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
            let date = format!("{year:04}-{month:02}-{day:02}");
            match (hour, minute, second) {
                (0, 0, 0) => date,
                _ => format!("{date}T{hour:02}:{minute:02}:{second:02}Z"),
            }
        }
        Data::DateTime(duration) => duration.as_f64().to_string(),
        Data::Error(_) | Data::Empty => return None,
    };
    (!text.trim().is_empty()).then_some(text)
}
