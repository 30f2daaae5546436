#include <toolkit/base/text.hpp>
#include <toolkit/base/utf8.hpp>
#include <toolkit/environment/env_file.hpp>
#include <toolkit/environment/shell_form.hpp>

#include <doctest/doctest.h>
#include <tests/support/process.hpp>

#include <map>
#include <random>

using namespace toolkit;
using environment::assignment_line;
using environment::Form;

namespace {

constexpr int kValues = 300;

// Bytes that somebody may treat in a way of his own come more often than others.
std::string random_value(std::mt19937& random) {
  static constexpr std::string_view kAwkward =
      "'\"\\$`!\n\r\t #=&|;<>(){}[]*?~^%,\x80\xFF\xEF\x98\x80\xC3\xA9nxX0";
  std::string value;
  const auto length = std::uniform_int_distribution<int>(0, 24)(random);
  for (int i = 0; i < length; ++i) {
    const bool any = std::uniform_int_distribution<int>(0, 3)(random) == 0;
    value +=
        any ? static_cast<char>(std::uniform_int_distribution<int>(1, 255)(random))
            : kAwkward[std::uniform_int_distribution<std::size_t>(0, kAwkward.size() - 1)(random)];
  }
  return value;
}

std::map<std::string, std::string> random_values(unsigned seed) {
  std::mt19937 random(seed);
  std::map<std::string, std::string> values{
      {"V_EMPTY", ""}, {"V_HASH", "#no comment"}, {"V_DASH", "-n"}};
  for (int i = 0; i < kValues; ++i) {
    values["V_" + std::to_string(i)] = random_value(random);
  }
  return values;
}

// What `reader` gives back for a file of all the values that the form can carry.
std::string written(Form form, const std::map<std::string, std::string>& values,
                    std::map<std::string, std::string>& carried) {
  std::string text;
  for (const auto& [name, value] : values) {
    if (const auto line = assignment_line(form, name, value)) {
      text += *line + '\n';
      carried[name] = value;
    }
  }
  return text;
}

// NAME=value entries with a NUL behind each, as env -0 writes them.
std::map<std::string, std::string> from_entries(std::string_view text) {
  std::map<std::string, std::string> values;
  for (const std::string_view entry : split(text, '\0')) {
    if (entry.starts_with("V_")) {
      const auto equals = entry.find('=');
      values[std::string(entry.substr(0, equals))] = entry.substr(equals + 1);
    }
  }
  return values;
}

std::map<std::string, std::string> read_by(std::vector<std::string> reader,
                                           const std::string& file) {
  reader.push_back(file);
  const auto outcome = support::run_program(reader);
  INFO(outcome.err);
  CHECK(outcome.exit_code == 0);
  return from_entries(outcome.out);
}

bool any(const std::string& /*value*/) { return true; }

void check_round_trip(Form form, const std::vector<std::string>& reader,
                      bool (*wanted)(const std::string& value) = any) {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  CAPTURE(reader[0]);
  const support::TempDir dir;
  std::map<std::string, std::string> carried;
  auto values = random_values(seed);
  std::erase_if(values, [&](const auto& item) { return !wanted(item.second); });
  const std::string file = dir.write("f", written(form, values, carried));
  const auto got = read_by(reader, file);
  CHECK(got.size() == carried.size());
  for (const auto& [name, value] : carried) {
    const auto found = got.find(name);
    REQUIRE_MESSAGE(found != got.end(), name);
    CHECK(printable(found->second) == printable(value));
  }
}

}  // namespace

TEST_CASE("sh gives every value back in bash, dash, zsh and busybox's shell") {
  const std::string program = ". \"$1\"; exec env -0";
  check_round_trip(Form::sh, {"bash", "-c", program, "bash"});
  check_round_trip(Form::sh, {"dash", "-c", program, "dash"});
  check_round_trip(Form::sh, {"zsh", "-fc", program, "zsh"});
  check_round_trip(Form::sh, {"busybox", "sh", "-c", ". \"$1\"; exec /usr/bin/env -0", "sh"});
}

TEST_CASE("fish gives every value back") {
  check_round_trip(Form::fish, {"fish", "--no-config", "-c", "source $argv[1]; exec env -0"});
}

TEST_CASE("dotenv gives every value back in python-dotenv and in our own env files") {
  // It takes the \\" at the end of a value for a quote that goes on (python-dotenv 0.21).
  const auto no_backslash_last = [](const std::string& value) { return !value.ends_with('\\'); };
  check_round_trip(Form::dotenv, {"/usr/bin/python3", "-c", R"py(
import dotenv, sys
with open(sys.argv[1], encoding="utf-8", errors="surrogateescape", newline="") as file:
    values = dotenv.dotenv_values(stream=file, interpolate=False)
sys.stdout.buffer.write(b"".join(f"{k}={v}\0".encode("utf-8", "surrogateescape") for k, v in values.items())))py"},
                   no_backslash_last);
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::map<std::string, std::string> carried;
  const auto parsed =
      environment::parse_env_file(written(Form::dotenv, random_values(seed), carried), "f");
  REQUIRE(parsed);
  CHECK(std::map<std::string, std::string>(parsed->begin(), parsed->end()) == carried);
  CHECK(carried.size() == kValues + 3);
}

// As docker/cli's pkg/kvfile reads: lines, of which a \r at the end is cut (bufio.ScanLines).
TEST_CASE("docker's env file gives back what it can carry, and the rest is refused") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::map<std::string, std::string> carried, got;
  const std::string text = written(Form::docker, random_values(seed), carried);
  for (std::string_view line : split(text, '\n')) {
    line.remove_suffix(line.ends_with('\r') ? 1 : 0);
    if (!line.empty() && line[0] != '#') {
      got[std::string(line.substr(0, line.find('=')))] = line.substr(line.find('=') + 1);
    }
  }
  CHECK(got == carried);
  CHECK_FALSE(assignment_line(Form::docker, "A", "two\nlines"));
  CHECK_FALSE(assignment_line(Form::docker, "A", "\xFF"));
  CHECK_FALSE(assignment_line(Form::docker, "A", "end\r"));
}

TEST_CASE("k8s gives every value back after YAML and Kubernetes' $(NAME)") {
  check_round_trip(Form::k8s, {"/usr/bin/python3", "-c", R"py(
import re, sys, yaml
for item in yaml.safe_load(open(sys.argv[1], encoding="utf-8")):
    value = re.sub(r"\$(\$|\((\w+)\))", lambda found: "$" if found[1] == "$" else "expanded", item["value"])
    sys.stdout.buffer.write(f"{item['name']}={value}\0".encode()))py"});
  CHECK_FALSE(assignment_line(Form::k8s, "A", "\xFF"));
  CHECK(*assignment_line(Form::k8s, "A", "$(HOME) $x") == "- name: A\n  value: \"$$(HOME) $$x\"");
}

TEST_CASE("a NUL byte is carried by no form, and plain values need no quotes") {
  for (const Form form : {Form::sh, Form::fish, Form::dotenv, Form::docker, Form::k8s}) {
    CHECK_FALSE(assignment_line(form, "A", std::string_view("a\0b", 3)));
  }
  CHECK(*assignment_line(Form::sh, "MASTER_ADDR", "node-0.svc:29500") ==
        "export MASTER_ADDR=node-0.svc:29500");
  CHECK(*assignment_line(Form::sh, "A", "it's") == R"(export A='it'\''s')");
}
