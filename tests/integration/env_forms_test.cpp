// What `toolkit env --format` writes, read by those it is written for.
#include "env_run.hpp"

using namespace toolkit::support;

namespace {

const Words kAwkward{"A_LINES=one\ntwo\n\n",
                     "A_QUOTES=it's \"so\" `echo no`",
                     "A_DOLLAR=$HOME ${RANK} $(false) !1",
                     R"(A_SLASH=\n \\ ends in \)",
                     "A_BYTES=\xff\xfe\x01\x7f caf\xc3\xa9",
                     "A_SPACE=  two  ",
                     "A_EMPTY=",
                     "A_MARKS=; & | < > * ? [a] {b,c} ~ # = %"};

// The entries A_… and RANK of an environment as `env -0` prints it, sorted.
Words entries(const std::string& text) {
  Words all;
  std::istringstream stream(text);
  for (std::string entry; std::getline(stream, entry, '\0');) {
    if (entry.starts_with("A_") || entry.starts_with("RANK=")) {
      all.push_back(entry);
    }
  }
  std::ranges::sort(all);
  return all;
}

Words sorted(Words words) {
  std::ranges::sort(words);
  return words;
}

Words without(Words words, std::string_view prefix) {
  std::erase_if(words, [&](const std::string& word) { return word.starts_with(prefix); });
  return words;
}

Outcome written(const std::string& form, const Words& variables = {}) {
  return env_with(kAwkward + Words{"PMI_RANK=1", "PMI_SIZE=2"} + variables,
                  {"--format", form, "--all"});
}

}  // namespace

TEST_CASE("env: shells read every byte back") {
  const TempDir d;
  const std::string posix = d.write("posix", written("sh").out);
  const std::string fish = d.write("fish", written("fish").out);
  const struct {
    Words shell;
    std::string file;
  } readers[] = {{{"bash"}, posix},
                 {{"dash"}, posix},
                 {{"busybox", "sh"}, posix},
                 {{"zsh", "-f"}, posix},
                 {{"fish", "--no-config"}, fish}};
  for (const auto& reader : readers) {
    CAPTURE(reader.shell[0]);
    const Outcome outcome =
        run_program(Words{"env", "-i", "PATH=/usr/bin:/bin", "HOME=" + d.path()} + reader.shell +
                    Words{"-c", "set -e; . " + reader.file + "; exec env -0"});
    CHECK(entries(outcome.out) == sorted(kAwkward + Words{"RANK=1"}));
  }
}

TEST_CASE("env: env files give back every byte that they can carry, and the others are named") {
  const TempDir d;
  const Outcome dotenv = written("dotenv");
  CHECK(dotenv.err.empty());
  const Outcome back =
      run_clean({}, {"run", "--env-file", d.write("dotenv", dotenv.out), "--", "env", "-0"});
  CHECK(entries(back.out) == sorted(kAwkward + Words{"RANK=1"}));

  const Outcome docker = written("docker");
  CHECK(contains(docker.err, "left out A_LINES: this form cannot carry its value"));
  CHECK(contains(docker.err, "left out A_BYTES: this form cannot carry its value"));
  Words lines;
  for (const std::string& line : lines_of(docker.out)) {
    if (line.starts_with("A_") || line.starts_with("RANK=")) {
      lines.push_back(line);
    }
  }
  CHECK(sorted(lines) ==
        sorted(without(without(kAwkward, "A_LINES"), "A_BYTES") + Words{"RANK=1"}));
}

TEST_CASE("env: what no shell takes and what is secret is left out, and named") {
  const Outcome outcome = written(
      "sh", {"SM_HP_LEARNING-RATE=0.1", "API_TOKEN=s3cr3t", "DATA_URL=http://me:s3cr3t@host/"});
  CHECK(outcome.exit_code == 0);
  CHECK(contains(outcome.err, "left out SM_HP_LEARNING-RATE: no name that a shell takes"));
  CHECK(contains(outcome.err, "left out API_TOKEN: secret"));
  CHECK(contains(outcome.err, "left out DATA_URL: secret"));
  CHECK_FALSE(contains(outcome.out + outcome.err, "s3cr3t"));
  CHECK_FALSE(contains(outcome.out, "LEARNING"));
  CHECK(contains(env_with({"API_TOKEN=s3cr3t"}, {"--format", "sh", "--all", "--show-secrets"}).out,
                 "export API_TOKEN=s3cr3t\n"));
}

TEST_CASE("env: without --all only what is made here is written") {
  const Outcome outcome = env_with({"PMI_RANK=1", "PMI_SIZE=2", "OTHER=x"}, {"--format", "k8s"});
  CHECK(contains(outcome.out, "- name: RANK\n  value: \"1\"\n"));
  CHECK_FALSE(contains(outcome.out, "OTHER"));
}
