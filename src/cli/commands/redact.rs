//! `hartriage redact`: a copy without secrets.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::cli::args::{Redact, Sandbox};
use crate::cli::copy::{Copier, Copy, Finisher, Summary, batches};
use crate::cli::output;
use crate::cli::seal::seal;
use crate::cli::target::{Target, give_up_after};
use crate::model::Lang;
use crate::redact;
use crate::source::{self, Found, Limits};

pub(in crate::cli) fn run(args: &Redact, sandbox: &Sandbox) -> Result<ExitCode, String> {
    let folder = Path::new(&args.input).is_dir();
    refuse_overlap(args, folder)?;
    let map = args.map.as_deref().map(|file| Target::file(file, true)).transpose()?;
    let target = if folder { Target::folder(&args.output) } else { Target::file(&args.output, false) }?;
    let outputs: Vec<&Target> = std::iter::once(&target).chain(&map).collect();
    seal(sandbox, &outputs)?.say(args.quiet, Lang::En);
    let start = Instant::now();
    let mut copier = Copier::new(args.anonymize).map_err(|e| e.to_string())?;
    let (found, lost) = source::find(std::slice::from_ref(&args.input), &Limits::default());
    give_up_after(args.time_limit, found.len());
    lost.iter().for_each(|one| copier.leave_out(one));
    let (Finished { bytes, finisher }, summary) = match target.tree().map(Path::to_owned) {
        Some(tree) => in_folder(copier, &found, Path::new(&args.input), &tree)?,
        None => in_file(copier, &found)?,
    };
    if !args.quiet || summary.sources == 0 {
        tell(&summary, start.elapsed());
    }
    if summary.sources == 0 {
        return Err("nothing could be read; nothing was written".to_owned());
    }
    target.finish(&bytes)?;
    if let Some(map) = map {
        map.finish(finisher.map().as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}

struct Finished {
    /// Empty for a folder.
    bytes: Vec<u8>,
    finisher: Finisher,
}

fn in_file(mut copier: Copier, found: &[Found]) -> Result<(Finished, Summary), String> {
    // A file by itself is one thing; none is nothing to read.
    let copy = found.first().map(|one| copier.copy(one)).transpose()?.flatten();
    let (mut finisher, mut summary) = copier.finish();
    let mut bytes = Vec::new();
    if let Some(copy) = copy.filter(|c| !c.parts.is_empty()) {
        let done = finisher.release(copy)?;
        summary.judged(done.same, "");
        bytes = done.bytes;
    }
    Ok((Finished { bytes, finisher }, summary))
}

/// Everything is copied once into the folder, and looked at once more when every secret is known.
fn in_folder(
    mut copier: Copier,
    found: &[Found],
    root: &Path,
    tree: &Path,
) -> Result<(Finished, Summary), String> {
    let mut all: Vec<(Vec<PathBuf>, Vec<Copy>)> = Vec::new();
    let mut waiting = 0;
    for batch in batches(found) {
        let (mut paths, mut copies) = (Vec::new(), Vec::new());
        for (one, mut copy) in batch.iter().zip(copier.copy_all(batch)?) {
            for part in &mut copy.parts {
                waiting += 1;
                part.wait_in(tree.join(format!(".{waiting}.part"))).map_err(|e| format!("output: {e}"))?;
            }
            if !copy.parts.is_empty() {
                paths.push(place(&mut copier, Path::new(&one.name), root, &copy));
                copies.push(copy);
            }
        }
        all.push((paths, copies));
    }
    let (mut finisher, mut summary) = copier.finish();
    for (paths, copies) in all {
        for (path, done) in paths.into_iter().zip(finisher.release_all(copies)?) {
            let path = free(tree, path);
            summary.judged(done.same, &path.to_string_lossy());
            write(tree, &path, &done.bytes)?;
        }
    }
    Ok((Finished { bytes: Vec::new(), finisher }, summary))
}

/// Where in the folder a copy goes: as in the original, with an ending that says what it is now.
fn place(copier: &mut Copier, path: &Path, root: &Path, copy: &Copy) -> PathBuf {
    let below = path.strip_prefix(root).unwrap_or(path);
    let mut out: PathBuf = below.iter().map(|part| copier.label(&part.to_string_lossy())).collect();
    let ending = out.extension().map(|e| e.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let archive = copy.is_archive();
    if archive && !matches!(ending.as_str(), "zip" | "saz") {
        out.as_mut_os_string().push(".zip");
    } else if !archive && matches!(ending.as_str(), "gz" | "zst" | "bz2") {
        out.set_extension("");
    }
    out
}

/// That path in the tree, or one beside it when two originals would have the same.
fn free(tree: &Path, mut path: PathBuf) -> PathBuf {
    while tree.join(&path).exists() {
        path.as_mut_os_string().push("_");
    }
    path
}

/// Writes a file into the tree. The tree itself is not made again: where it is gone, the run was interrupted.
fn write(tree: &Path, path: &Path, bytes: &[u8]) -> Result<(), String> {
    let fail = |e: std::io::Error| format!("{}: {e}", redact::name(&path.to_string_lossy()));
    let mut folder = tree.to_owned();
    for part in path.parent().into_iter().flat_map(Path::components) {
        folder.push(part);
        if let Err(e) = std::fs::create_dir(&folder)
            && !folder.is_dir()
        {
            return Err(fail(e));
        }
    }
    std::fs::write(tree.join(path), bytes).map_err(fail)
}

/// The copy must not take the place of the original, nor lie within it.
fn refuse_overlap(args: &Redact, folder: bool) -> Result<(), String> {
    let input = std::fs::canonicalize(&args.input).ok();
    let parent = args.output.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let around = std::fs::canonicalize(parent).ok();
    let same = input.is_some() && std::fs::canonicalize(&args.output).ok() == input;
    let within = folder && input.zip(around).is_some_and(|(input, around)| around.starts_with(input));
    if same || within {
        return Err("the copy must not replace the original or lie inside it".to_owned());
    }
    Ok(())
}

/// What was replaced, by kind and place, and what is not in the copy; no values.
fn tell(summary: &Summary, took: Duration) {
    let total: u64 = summary.counts.values().sum();
    let plural = |count: u64| if count == 1 { "" } else { "s" };
    let files = summary.sources as u64;
    output::say(&format!("{total} secret{} replaced in {files} file{}", plural(total), plural(files)));
    let (megabytes, seconds) = (summary.bytes as f64 / 1e6, took.as_secs_f64().max(0.001));
    output::say(&format!("{megabytes:.1} MB in {seconds:.1} s: {:.0} MB a second", megabytes / seconds));
    for ((kind, place), n) in &summary.counts {
        output::say(&format!("{n:>8}  {kind} in {place}"));
    }
    if let Some(line) = answers(summary) {
        output::say(&line);
    }
    for name in &summary.others {
        let place = if name.is_empty() { String::new() } else { format!("{name}: ") };
        output::say(&format!("{place}{OTHER}"));
    }
    for line in &summary.left_out {
        output::say(&format!("left out: {line}"));
    }
}

const OTHER: &str =
    "the copy gives another first diagnosis than the original: send the original's report with it";

/// How many copies are judged as their originals are; where there is one only and it is not, [`OTHER`] says so.
fn answers(summary: &Summary) -> Option<String> {
    Some(match (summary.judged, summary.others.len()) {
        (0, _) | (1, 1) => return None,
        (1, _) => "checked: the copy gives the same first diagnosis as the original".to_owned(),
        (all, 0) => format!("checked: all {all} copies give the same first diagnosis as their originals"),
        (all, others) => {
            format!(
                "checked: {} of {all} copies give the same first diagnosis as their originals",
                all - others
            )
        }
    })
}
