"""Random trees, patterns and rules: few names and many wildcards, so that patterns meet names often."""
import random

NAMES = ["a", "b", "c", "ab", "abc", "x.log", "a.log", "b.tmp", ".h", "a b", " a", "a-b", "A", "é", "a[1]", "a*",
         "a\\b", "!", "#a", "- a", "_a", "core", "z9"]
PIECES = ["a", "b", "c", "ab", "x", "log", ".", "*", "*", "*", "**", "**", "?", "/", "/", "/", "[ab]", "[!a]", "[^b]",
          "[a-c]", "[[:alpha:]]", "[[:upper:][:digit:]]", "[]a]", "[a-]", "[\\]a]", "[a", "[[:nope:]]", "[[:a]", "\\*",
          "\\a", "\\[", "***", " ", "é", "-", "1", "[!/]", "[*]", "\\\\"]
TAILS = ["", "", "", "", "/", "/*", "/**", "/***", "***", "\\"]
HEADS = ["", "", "", "", "/", "**/", "*/", "**", "/**/", "/*", "//"]


def name_of(rng: random.Random) -> str:
    return rng.choice(NAMES)


def tree_of(rng: random.Random, most: int):
    """Keys of directories and of files below a root, parents first."""
    directories, files = [""], []
    taken = set()
    for _ in range(rng.randint(2, most)):
        parent = rng.choice(directories)
        key = (parent + "/" if parent else "") + name_of(rng)
        if key in taken or key.count("/") > 4:
            continue
        taken.add(key)
        (directories if rng.random() < 0.4 else files).append(key)
    return directories[1:], files


def pattern_of(rng: random.Random, keys) -> str:
    """A pattern: of a key with parts made wild, or of pieces alone."""
    if keys and rng.random() < 0.6:
        names = rng.choice(keys).split("/")
        names = names[rng.randrange(len(names)):] if rng.random() < 0.5 else names
        for at, name in enumerate(names):
            if rng.random() < 0.4:
                names[at] = rng.choice(["*", "**", "?", name[0] + "*", "*" + name[-1], "[a-c]*", "[!x]" + name[1:],
                                        "?" + name[1:], name + "*", "**" + name])
        pattern = rng.choice(["", "", "", "/", "**/", "*/"]) + "/".join(names)
        return pattern + rng.choice(["", "", "", "", "/", "/*", "/**", "/***"])
    middle = "".join(rng.choice(PIECES) for _ in range(rng.randint(1, 5)))
    return rng.choice(HEADS) + middle + rng.choice(TAILS)


def filter_rule(rng: random.Random, keys, root: str, cvs: bool = False, sides: bool = True) -> str:
    """A rule of --filter and of merge files, without those that name files.

    Of all "-C" in one call of rsync the first counts, so only options have it."""
    draw = rng.random()
    if draw < 0.02:
        return rng.choice(["!", "clear", "!,"])
    if draw < 0.05 and cvs:
        return rng.choice(["-C", "-,C", "+C", "-Cs", "-C!", "-Cr"])
    name, letter = rng.choice([("exclude", "-"), ("include", "+")] * 5 +
                              [("hide", "H"), ("show", "S"), ("protect", "P"), ("risk", "R")] * sides)
    modifiers = ""
    if rng.random() < 0.25:
        modifiers = "".join(rng.sample("!/p" + ("sr" if letter in "+-" and sides else ""), rng.randint(1, 2)))
    pattern = pattern_of(rng, keys)
    if "/" in modifiers and rng.random() < 0.7:
        above = root.strip("/").split("/")
        pattern = rng.choice(["/" + "/".join(above) + "/" + pattern.lstrip("/"), above[-1] + "/" + pattern.lstrip("/"),
                              "**/" + above[-1] + "/**", pattern])
    if rng.random() < 0.3:
        word = name + ("," + modifiers if modifiers else "")
    else:
        word = letter + rng.choice(["", "", ","]) + modifiers
    return word + rng.choice([" ", " ", " ", "_"]) + pattern


def rule_file(rng: random.Random, keys, root: str, sides: bool = True) -> str:
    """A merge file: rules, comments, empty lines. Without `sides`, no rule is for one side only."""
    lines = []
    for _ in range(rng.randint(1, 6)):
        draw = rng.random()
        if draw < 0.05:
            lines.append(rng.choice(["# - *", "; - *", "", "#"]))
        else:
            lines.append(filter_rule(rng, keys, root, sides=sides))
    return rng.choice(["\n", "\n", "\n", "\r\n", "\r"]).join(lines) + rng.choice(["", "\n"])


def pattern_file(rng: random.Random, keys) -> str:
    """A file of --include-from or --exclude-from."""
    lines = []
    for _ in range(rng.randint(1, 5)):
        lines.append(rng.choice(["", "", "", "- ", "+ ", "#", ";", "-", "+", " "]) + pattern_of(rng, keys))
    if rng.random() < 0.1:
        lines.insert(rng.randrange(len(lines)), rng.choice(["!", "! ", ""]))
    return "\n".join(lines) + rng.choice(["", "\n"])


def bad_rule(rng: random.Random) -> str:
    """Mostly wrong in one way."""
    return rng.choice(["q a", "exclude", "-", "+ ", "-q a", "H,s a", "PC a", "-n a", ": ", ".", ":-+ a", ":! a", "!x",
                       "clear a", "include\ta", "excludes a", ".C- a", "RS a", "-,", "e a", "dir-merge,q x", "  - a",
                       "-!!x a", "S", "merge,"])
