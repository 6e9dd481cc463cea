//! Completions and the manual page in the programs that read them. Where one of these is not on this machine, the test
//! says so and holds what it can without it.

use std::fs;
use std::process::{Command, Stdio};

fn hartriage(args: &[&str]) -> String {
    let done = Command::new(env!("CARGO_BIN_EXE_hartriage")).args(args).output().expect("the program runs");
    assert!(done.status.success());
    String::from_utf8(done.stdout).expect("UTF-8")
}

/// Runs another program, when it is there.
fn try_run(name: &str, args: &[&str]) -> Option<(bool, String, String)> {
    let done = Command::new(name).args(args).env("LC_ALL", "C.UTF-8").stdin(Stdio::null()).output();
    match done {
        Ok(done) => {
            let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
            Some((done.status.success(), text(done.stdout), text(done.stderr)))
        }
        Err(_) => {
            eprintln!("{name} is not on this machine: its completions were not tried in it");
            None
        }
    }
}

/// Loads the script in the shell and has it print what it then knows.
fn loads(shell: &str, arguments: &[&str], wanted: &[&str]) {
    let script = hartriage(&["completions", shell]);
    for word in ["hartriage", "sweep", "compare", "config", "min-confidence", "no-config"] {
        assert!(script.contains(word), "{shell}: no {word}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("_hartriage");
    fs::write(&file, script).expect("written");
    let file = file.to_str().expect("UTF-8");
    let arguments: Vec<String> = arguments.iter().map(|a| a.replace("FILE", file)).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let program = if shell == "powershell" { "pwsh" } else { shell };
    let Some((good, out, err)) = try_run(program, &arguments) else { return };
    assert!(good && err.is_empty(), "{shell}: {err}");
    for word in wanted {
        assert!(out.lines().any(|l| l.trim().starts_with(word)), "{shell} does not offer {word}: {out}");
    }
}

#[test]
fn bash_completes_a_command_and_an_option() {
    let try_it = "set -eu; . FILE; COMP_WORDS=(hartriage comp); COMP_CWORD=1; _hartriage hartriage comp hartriage; \
                  printf '%s\\n' \"${COMPREPLY[@]}\"; COMP_WORDS=(hartriage sweep --group-b); COMP_CWORD=2; \
                  _hartriage hartriage --group-b sweep; printf '%s\\n' \"${COMPREPLY[@]}\"";
    loads("bash", &["--norc", "-c", try_it], &["compare", "completions", "--group-by"]);
}

#[test]
fn zsh_defines_the_completion() {
    let try_it = "autoload -U compinit; compinit -u -D; source FILE; print -l ${_comps[hartriage]} ${(k)functions[(I)_hartriage*]}";
    loads("zsh", &["-f", "-c", try_it], &["_hartriage", "_hartriage_commands"]);
}

#[test]
fn fish_completes_a_command_and_an_option() {
    let try_it = "source FILE; complete -C 'hartriage comp'; complete -C 'hartriage sweep --group-b'";
    loads("fish", &["--no-config", "-c", try_it], &["compare", "completions", "--group-by"]);
}

#[test]
fn powershell_registers_a_completer() {
    let try_it = "$ErrorActionPreference='Stop'; . FILE; \
                  (TabExpansion2 -inputScript 'hartriage comp' -cursorColumn 14).CompletionMatches.CompletionText";
    // PowerShell reads a script only from a file that ends so.
    let try_it = try_it.replace("FILE", "([ScriptBlock]::Create((Get-Content -Raw FILE)))");
    loads("powershell", &["-NoProfile", "-Command", &try_it], &["compare", "completions"]);
    // Without PowerShell: the frame, and brackets that close.
    let script = hartriage(&["completions", "powershell"]);
    assert!(script.contains("Register-ArgumentCompleter -Native -CommandName 'hartriage'"));
    let count = |c: char| script.matches(c).count();
    assert_eq!(count('{'), count('}'));
    assert_eq!(count('('), count(')'));
    assert!(script.lines().filter(|l| l.contains("[CompletionResult]::new(")).count() > 100);
    assert!(!script.contains(['“', '”', '‘', '’']), "quotes that PowerShell takes for its own");
}

#[test]
fn the_manual_page_has_no_fault() {
    let page = hartriage(&["man"]);
    for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "SUBCOMMANDS", "VERSION"] {
        assert!(page.lines().any(|l| l == format!(".SH {section}")), "no {section}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("hartriage.1");
    fs::write(&file, page).expect("written");
    let file = file.to_str().expect("UTF-8");
    if let Some((good, out, err)) = try_run("man", &["--warnings", "-P", "cat", "-l", file]) {
        assert!(good && err.is_empty(), "{err}");
        assert!(out.contains("hartriage") && out.lines().count() > 50, "{out}");
    }
}
