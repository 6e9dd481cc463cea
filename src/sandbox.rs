//! The process gives up what it does not need before it reads a byte of input.
//!
//! In: where the output goes. Out: the level that was reached. On Linux afterwards: no socket of any kind, no other
//! program, no look into other processes, and no write but to files that are open already (standard output, the file
//! that becomes the output). Reading files and starting threads stay allowed. Elsewhere nothing changes. Call it before
//! any thread starts: Landlock binds the calling thread and those it starts.

use std::path::PathBuf;

/// How much was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Full,
    /// Something could not be given up.
    Partial(Gap),
    /// Nothing could be given up.
    None(Gap),
}

/// What is missing, or why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gap {
    /// No seccomp.
    Calls,
    /// No Landlock, or an old one.
    Writes,
    /// Neither.
    Kernel,
    /// Not Linux.
    System,
    /// The user wanted none.
    SwitchedOff,
}

/// What may still be written, besides files that are open already.
#[derive(Debug, Clone, Default)]
pub struct Writable {
    /// Folders in which files and folders may be renamed and removed, and none opened for writing: so that a file
    /// written aside can take its name.
    pub names_in: Vec<PathBuf>,
    /// Folders in which anything may be written.
    pub trees: Vec<PathBuf>,
}

/// Gives up everything else.
#[cfg(target_os = "linux")]
pub fn apply(writable: &Writable) -> Level {
    // Files first: the filter of system calls does not concern Landlock's own.
    let files = linux::deny_writes(writable);
    let calls = linux::deny_calls();
    match (files, calls) {
        (true, true) => Level::Full,
        (true, false) => Level::Partial(Gap::Calls),
        (false, true) => Level::Partial(Gap::Writes),
        (false, false) => Level::None(Gap::Kernel),
    }
}

/// Does nothing on this system.
#[cfg(not(target_os = "linux"))]
pub fn apply(_writable: &Writable) -> Level {
    Level::None(Gap::System)
}

#[cfg(target_os = "linux")]
mod linux {
    use landlock::{
        ABI, AccessFs, BitFlags, PathBeneath, PathFd, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError,
        RulesetStatus, make_bitflags,
    };
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};

    use super::Writable;

    /// Newest rights that are asked for; an older kernel enforces those it knows.
    const RIGHTS: ABI = ABI::V3;

    /// True when every right to write was given up.
    pub(super) fn deny_writes(writable: &Writable) -> bool {
        restrict(writable).is_ok_and(|status| status == RulesetStatus::FullyEnforced)
    }

    fn restrict(writable: &Writable) -> Result<RulesetStatus, RulesetError> {
        let names: BitFlags<AccessFs> =
            make_bitflags!(AccessFs::{MakeReg | MakeDir | RemoveFile | RemoveDir});
        let mut rules = Ruleset::default().handle_access(AccessFs::from_write(RIGHTS))?.create()?;
        let all = writable.names_in.iter().map(|path| (path, names));
        let all = all.chain(writable.trees.iter().map(|path| (path, AccessFs::from_write(RIGHTS))));
        for (path, rights) in all {
            if let Ok(fd) = PathFd::new(path) {
                rules = rules.add_rule(PathBeneath::new(fd, rights))?;
            }
        }
        Ok(rules.restrict_self()?.ruleset)
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
            libc::SYS_kill,
            // What Landlock leaves open about files.
            libc::SYS_fchmodat,
            libc::SYS_fchownat,
            libc::SYS_setxattr,
            libc::SYS_lsetxattr,
            libc::SYS_removexattr,
            libc::SYS_lremovexattr,
        ];
        #[cfg(target_arch = "x86_64")]
        let calls = [calls.as_slice(), &[libc::SYS_chmod, libc::SYS_chown, libc::SYS_lchown]].concat();
        // The same calls under the second numbering of x86-64 (x32).
        let second = calls.iter().filter(|_| cfg!(target_arch = "x86_64")).map(|call| call | 0x4000_0000);
        calls.iter().copied().chain(second).collect()
    }
}
