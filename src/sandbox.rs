//! The process gives up what it does not need before it reads a byte of input.
//!
//! In: where the output goes. Out: the level that was reached. On Linux afterwards: no socket of any kind, no other
//! program, no look into other processes, and no write but to the named output and to what is open already (standard
//! output). Reading files and starting threads stay allowed. Elsewhere nothing changes. Call it before any thread starts:
//! each part binds the calling thread and those it starts.

use std::fmt;
use std::path::Path;

/// How much was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Level {
    Full,
    /// What could not be given up.
    Partial(&'static str),
    /// Why nothing could be given up.
    None(&'static str),
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Level::Full => f.write_str("full"),
            Level::Partial(what) => write!(f, "partial: {what}"),
            Level::None(why) => write!(f, "none: {why}"),
        }
    }
}

/// Gives up everything but writing to `write_to`: a folder and what lies in it, or one file, which is created empty
/// when it is not there.
#[cfg(target_os = "linux")]
pub fn apply(write_to: Option<&Path>) -> Level {
    // Files first: the filter of system calls does not concern Landlock's own.
    let files = linux::deny_writes(write_to);
    let calls = linux::deny_calls();
    match (files, calls) {
        (true, true) => Level::Full,
        (true, false) => Level::Partial("sockets and programs are not denied: no seccomp"),
        (false, true) => Level::Partial("writes are not denied: no or old Landlock"),
        (false, false) => Level::None("this kernel has neither Landlock nor seccomp"),
    }
}

/// Does nothing on this system.
#[cfg(not(target_os = "linux"))]
pub fn apply(_write_to: Option<&Path>) -> Level {
    Level::None("not available on this system")
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::OpenOptions;
    use std::path::Path;

    use landlock::{
        ABI, AccessFs, BitFlags, PathBeneath, PathFd, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError,
        RulesetStatus,
    };
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};

    /// Newest rights that are asked for; an older kernel enforces those it knows.
    const RIGHTS: ABI = ABI::V3;

    /// True when every right to write was given up.
    pub(super) fn deny_writes(write_to: Option<&Path>) -> bool {
        restrict(write_to).is_ok_and(|status| status == RulesetStatus::FullyEnforced)
    }

    fn restrict(write_to: Option<&Path>) -> Result<RulesetStatus, RulesetError> {
        let mut rules = Ruleset::default().handle_access(AccessFs::from_write(RIGHTS))?.create()?;
        if let Some(path) = write_to {
            let rights = if path.is_dir() { AccessFs::from_write(RIGHTS) } else { file_rights(path) };
            if let Ok(fd) = PathFd::new(path) {
                rules = rules.add_rule(PathBeneath::new(fd, rights))?;
            }
        }
        Ok(rules.restrict_self()?.ruleset)
    }

    /// Rights to one file, which has to be there to be named.
    fn file_rights(path: &Path) -> BitFlags<AccessFs> {
        // A failure shows when the output is written.
        let _ = OpenOptions::new().create(true).append(true).open(path);
        AccessFs::WriteFile | AccessFs::Truncate
    }

    /// True when the system calls for sockets, programs and other processes were given up.
    pub(super) fn deny_calls() -> bool {
        filter().is_some_and(|program| seccompiler::apply_filter_all_threads(&program).is_ok())
    }

    fn filter() -> Option<BpfProgram> {
        let rules = denied().into_iter().map(|call| (call, Vec::new())).collect();
        let errno = u32::try_from(libc::EPERM).ok()?;
        let arch = std::env::consts::ARCH.try_into().ok()?;
        SeccompFilter::new(rules, SeccompAction::Allow, SeccompAction::Errno(errno), arch)
            .ok()?
            .try_into()
            .ok()
    }

    fn denied() -> Vec<i64> {
        let calls = [
            // Sockets, also by way of a ring.
            libc::SYS_socket,
            libc::SYS_socketpair,
            libc::SYS_connect,
            libc::SYS_bind,
            libc::SYS_listen,
            libc::SYS_accept,
            libc::SYS_accept4,
            libc::SYS_sendto,
            libc::SYS_sendmsg,
            libc::SYS_sendmmsg,
            libc::SYS_io_uring_setup,
            libc::SYS_io_uring_enter,
            libc::SYS_io_uring_register,
            // Programs.
            libc::SYS_execve,
            libc::SYS_execveat,
            // Other processes and the kernel.
            libc::SYS_ptrace,
            libc::SYS_process_vm_readv,
            libc::SYS_process_vm_writev,
            libc::SYS_pidfd_getfd,
            libc::SYS_bpf,
            libc::SYS_perf_event_open,
            libc::SYS_userfaultfd,
            libc::SYS_mount,
            libc::SYS_umount2,
            libc::SYS_setns,
            libc::SYS_unshare,
            libc::SYS_kexec_load,
            libc::SYS_init_module,
            libc::SYS_finit_module,
            libc::SYS_add_key,
            libc::SYS_keyctl,
        ];
        // The same calls under the second numbering of x86-64 (x32).
        let second = calls.iter().filter(|_| cfg!(target_arch = "x86_64")).map(|call| call | 0x4000_0000);
        calls.iter().copied().chain(second).collect()
    }
}
