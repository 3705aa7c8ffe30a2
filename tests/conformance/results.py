"""What was checked, where, and how it came out; and the table printed at the end."""

import threading
from collections import Counter

LOCK = threading.Lock()


def fits(**checks):
    """Returns what does not fit, by name."""
    wrong = [f"{name}: {found!r}, not {wanted!r}" for name, (found, wanted) in checks.items() if found != wanted]
    return "; ".join(wrong) or None


class Results:
    """Every check of a run: (target, group, check) → ("ok" | "skip" | "FAIL", detail)."""

    def __init__(self):
        self.checks = {}

    def add(self, target, group, name, problem):
        """Notes a check; `problem` is None where it came out right."""
        outcome = ("ok", "") if problem is None else ("FAIL", problem)
        with LOCK:
            self.checks[target, group, name] = outcome
        return problem is None

    def lacks(self, target, group, name, reason):
        """Notes that a target is declared not to have something, and was seen not to have it."""
        with LOCK:
            self.checks[target, group, name] = ("skip", reason)

    def failed(self):
        return [key for key, (outcome, _) in self.checks.items() if outcome == "FAIL"]

    def table(self):
        """Returns one row per group and a column per target, then every skip and failure by name."""
        # The targets run at once; their order must not depend on which was first.
        targets = sorted({target for target, _, _ in self.checks})
        groups = list(dict.fromkeys(group for _, group, _ in self.checks))
        width = max(map(len, groups))
        lines = [f"{'':{width}}  " + "  ".join(f"{target:>22}" for target in targets)]
        for group in groups:
            cells = [cell(self.checks, target, group) for target in targets]
            lines.append(f"{group:{width}}  " + "  ".join(f"{text:>22}" for text in cells))
        for word, title in (("skip", "Skipped, because the target lacks it:"), ("FAIL", "Failed:")):
            found = sorted((key, detail) for key, (outcome, detail) in self.checks.items() if outcome == word)
            if found:
                lines += ["", title] + [f"  {' / '.join(key)}: {detail}" for key, detail in found]
        return "\n".join(lines)


def cell(checks, target, group):
    counts = Counter(outcome for (at, of, _), (outcome, _) in checks.items() if (at, of) == (target, group))
    if not counts:
        return "-"
    return ", ".join(f"{counts[word]} {word}" for word in ("ok", "skip", "FAIL") if counts[word])
