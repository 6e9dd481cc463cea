// Inputs whose every string tries to get out of its place: markup, script, links, marks that reverse text, also in names
// of files. Written when the test runs, because some systems cannot hold files of such names.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const RLO = "\u202e";
const EVIL =
  `<script>globalThis.owned=true</script><img src=x onerror="globalThis.owned=true"> ` +
  `<a href="javascript:globalThis.owned=true">x</a> ${RLO}gnp.exe`;

function line(code, message, second) {
  const ids = "Trace ID: 04e5a7d5-f349-49bb-a642-350e55a7db40 Correlation ID: 04e5a7d5-f349-49bb-a642-350e55a7db41";
  return JSON.stringify({
    timestamp: `2026-11-22T02:00:${second}Z`,
    level: "error",
    logger: EVIL,
    msg: `refresh failed for "${EVIL}" ${EVIL}`,
    mailbox: `gus.hart+<b onclick=alert(1)>@tailspin.example`,
    error: "invalid_grant",
    error_description: `AADSTS${code}: ${message} ${EVIL} ${ids} Timestamp: 2026-11-22 02:00:10Z`,
  });
}

/** Fills a folder with them; its path. */
export function hostile(folder) {
  mkdirSync(folder, { recursive: true });
  const put = (name, content) => writeFileSync(join(folder, name), content);
  const log = [line(700082, "The refresh token has expired due to inactivity.", 10), line(999999, EVIL, 12)];
  put(`<img src=x onerror=globalThis.owned=true> ${RLO}gol.jsonl`, log.join("\n"));
  const refused = encodeURIComponent(`AADSTS65004: User declined ${EVIL}`);
  put("b.txt", `https://app.example/cb?error=access_denied&error_description=${refused}&state=1\n`);
  put(`unread'"><svg onload=alert(1)>.bin`, Buffer.from([0, 1, 2, 3, 255]));
  return folder;
}
