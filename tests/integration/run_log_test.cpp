// What the log holds: the reversible form, stamps, levels, folding, prefixes, JSON, rotation.
#include <signal.h>
#include <tests/integration/run_files.hpp>

#include <cctype>
#include <ctime>
#include <filesystem>
#include <random>

using namespace toolkit::support;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

// Bytes as a hostile trainer writes them: NUL, \r, broken UTF-8, long lines, no last newline.
std::string random_bytes(std::mt19937& random) {
  static const std::string pieces[] = {"\n",
                                       "\r",
                                       "\r\n",
                                       std::string("\0", 1),
                                       "\xff\xfe",
                                       "ordinary words ",
                                       "2021-07-04T15:50:26.1Z stdout F trap\n",
                                       "\xe2\x82",
                                       "\t",
                                       "[",
                                       "]"};
  std::string bytes;
  const std::size_t size = random() % 200'000;
  while (bytes.size() < size) {
    switch (random() % 8) {
      case 0:
        bytes.append(random() % 70'000, static_cast<char>(random()));
        break;
      case 1:
        bytes.push_back(static_cast<char>(random()));
        break;
      default:
        bytes += pieces[random() % std::size(pieces)];
    }
  }
  return bytes;
}

std::string shape(std::string text) {
  for (char& c : text) {
    c = std::isdigit(static_cast<unsigned char>(c)) != 0 ? '0' : c;
  }
  return text;
}

// Lines of the child alone: `run` says when it started and how it ended.
std::vector<std::string> child_lines(const std::string& log) {
  auto lines = lines_of(log);
  std::erase_if(lines, [](const std::string& line) { return contains(line, " run: "); });
  return lines;
}

std::string log_of(Words options, const std::string& script, LaunchOptions launch = {}) {
  const TempDir directory;
  const auto log = directory / "log";
  const Outcome outcome = run_toolkit(
      run_with(Words{"--console", "none", "--prefix", "job", "--log", log} + std::move(options),
               shell(script)),
      std::move(launch));
  CHECK(outcome.exit_code == 0);
  return read_file(log);
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) {
    text += line + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("a cri log gives both streams back byte for byte") {
  const unsigned seed = std::random_device()();
  MESSAGE("seed ", seed);
  CAPTURE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < rounds(25, 1000); ++round) {
    CAPTURE(round);
    const TempDir directory;
    const std::string out = random_bytes(random), err = random_bytes(random);
    const auto log = directory / "log";
    const std::string script = "cat " + directory.write("out", out) + " & cat " +
                               directory.write("err", err) + " >&2; wait";
    const Outcome outcome = run_toolkit(run_with(
        {"-q", "--log", log, "--log-format", "cri", "--timestamps", round % 2 == 0 ? "s" : "ns"},
        shell(script)));
    REQUIRE(outcome.exit_code == 0);
    REQUIRE((outcome.out == out));
    REQUIRE((outcome.err == err));
    REQUIRE((run_toolkit({"run", "--restore", "stdout", log}).out == out));
    REQUIRE((run_toolkit({"run", "--restore", "stderr", log}).out == err));
  }
}

TEST_CASE("what is no cri log is said to be none, with the line") {
  const TempDir directory;
  const auto log = directory.write(
      "log", "2021-07-04T15:50:26.1Z stdout F fine\n[2021-07-04 15:50:26]  INFO x: y\n");
  const Outcome outcome = run_toolkit({"run", "--restore", "stdout", log});
  CHECK(outcome.exit_code != 0);
  CHECK(outcome.out == "fine\n");
  CHECK(contains(outcome.err, log + ":2: not in cri format"));
}

TEST_CASE("a progress bar stays alive on the console and folds in the log") {
  const TempDir directory;
  const auto log = directory / "log";
  const Outcome outcome =
      run_toolkit(run_with({"--fold", "300ms", "--log", log}, fixture("progress", "200", "6")));
  CHECK(count_of(outcome.err, "\r") == 200);
  const auto lines = child_lines(read_file(log));
  CHECK(lines.size() >= 2);
  CHECK(lines.size() <= 8);
  REQUIRE_FALSE(lines.empty());
  CHECK(contains(lines.back(), "toolkit_fixture: step 200/200"));
}

TEST_CASE("only the last state of a bar is kept when asked so") {
  const auto lines = child_lines(log_of({"--fold", "0"}, fixture_path() + " progress 100 3"));
  REQUIRE(lines.size() == 1);
  CHECK(contains(lines[0], "job: step 100/100"));
}

TEST_CASE("levels come from the line, else from the stream") {
  const std::string script =
      "echo plain; echo 'WARNING:root:careful'; echo '2021-07-04 15:50:26,123 - x - ERROR - bad';"
      "echo 'time=\"2021\" level=warning msg=\"x\"'; echo '{\"level\":\"debug\",\"m\":1}';"
      "echo plain >&2; echo 'INFO:root:fine' >&2; echo 'W0704 15:50:26.123456 1 x.cc:1] glog' >&2; "
      "sleep 0.1";
  const auto lines = child_lines(log_of({"--merge"}, script));
  const std::string levels[] = {" INFO", " WARN", "ERROR", " WARN",
                                "DEBUG", " INFO", " INFO", " WARN"};
  REQUIRE(lines.size() == std::size(levels));
  for (std::size_t i = 0; i < lines.size(); ++i) {
    CAPTURE(lines[i]);
    CHECK(lines[i].substr(22, 5) == levels[i]);
  }
  const std::string apart = log_of({}, "echo plain >&2; echo 'INFO:root:fine' >&2");
  CHECK(contains(apart, "ERROR job: plain\n"));
  CHECK(contains(apart, " INFO job: INFO:root:fine\n"));
  const std::string fixed =
      log_of({"--no-levels"}, "echo 'WARNING:root:x'; echo 'INFO:root:y' >&2");
  CHECK(contains(fixed, " INFO job: WARNING:root:x\n"));
  CHECK(contains(fixed, "ERROR job: INFO:root:y\n"));
}

TEST_CASE("stamps have the precision and the zone that was asked for") {
  const auto first = [](Words options, LaunchOptions launch = {}) {
    const auto lines = child_lines(log_of(std::move(options), "echo x", std::move(launch)));
    REQUIRE(lines.size() == 1);
    return lines[0];
  };
  CHECK(shape(first({})) == "[0000-00-00 00:00:00]  INFO job: x");
  CHECK(shape(first({"--timestamps", "ms"})) == "[0000-00-00 00:00:00.000]  INFO job: x");
  CHECK(shape(first({"--timestamps", "us"})) == "[0000-00-00 00:00:00.000000]  INFO job: x");
  CHECK(shape(first({"--timestamps", "ns"})) == "[0000-00-00 00:00:00.000000000]  INFO job: x");
  const auto seconds = [](const std::string& line) {
    std::tm time{};
    REQUIRE(::strptime(line.c_str(), "[%Y-%m-%d %H:%M:%S", &time) != nullptr);
    return static_cast<double>(::timegm(&time));
  };
  const LaunchOptions east = {.env = {{"TZ", "XXX-5:30"}}};
  CHECK(std::abs(seconds(first({}, east)) - unix_now() - 5.5 * 3600) < 10);
  CHECK(std::abs(seconds(first({"--utc"}, east)) - unix_now()) < 10);
}

TEST_CASE("prefix and path are made from templates") {
  const LaunchOptions ranked = {.env = {{"RANK", "3"}, {"LOCAL_RANK", "1"}, {"NODE_RANK", "2"}}};
  const auto prefixed = [&](const char* text, const LaunchOptions& launch) {
    const auto lines = child_lines(log_of({"--name", "train", "--prefix", text}, "echo x", launch));
    REQUIRE(lines.size() == 1);
    return lines[0].substr(28);
  };
  CHECK(prefixed("{name}{-rank}", ranked) == "train-3: x");
  CHECK(prefixed("{name}{-rank}", {}) == "train: x");
  CHECK(prefixed("r{rank} l{local_rank} n{node} a{attempt} {{}", ranked) == "r3 l1 n2 a1 {}: x");
  CHECK(shape(prefixed("{date}", {})) == "0000-00-00: x");
  CHECK(std::atoi(prefixed("{pid}", {}).c_str()) > 1);
  char host[256] = {};
  ::gethostname(host, sizeof host - 1);
  CHECK(prefixed("{host}", {}) == std::string(host) + ": x");

  const TempDir directory;
  (void)run_toolkit(run_with({"--name", "train", "--log", directory / "{name}/deep/r{rank}.log"},
                             shell("echo x")),
                    ranked);
  CHECK(contains(read_file(directory / "train/deep/r3.log"), " INFO train-3: x\n"));
}

TEST_CASE("every line of a json log is JSON, whatever the bytes") {
  const TempDir directory;
  const auto log = directory / "log";
  const auto bytes = directory.write(
      "bytes",
      std::string(
          "plain\nquote \" back\\slash\ttab\n\xff\xfe broken\nnul \0 here\nERROR:root:bad\n", 65) +
          std::string(200'000, 'L') + "\nlast without end");
  (void)run_toolkit(run_with({"--console", "none", "--log", log, "--log-format", "json"},
                             shell("cat " + bytes + "; echo oops >&2")));
  const std::string script = R"(
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1], 'rb').read().decode('utf-8').splitlines()]
ours = [line for line in lines if 'stream' not in line]
theirs = [line for line in lines if 'stream' in line]
assert all(line['source'] == 'run' for line in ours) and len(ours) == 2, ours
assert all({'time', 'level', 'stream', 'source', 'message'} <= set(line) for line in theirs)
out = [line for line in theirs if line['stream'] == 'stdout']
print(out[0]['message'], out[1]['message'], out[3]['message'] == 'nul \0 here', out[4]['level'], sep='|')
parts = [line for line in out if line['message'].startswith('LL')]
print(sum(len(line['message']) for line in parts), [line.get('partial', False) for line in parts][-1], len(parts) > 1)
print(out[-1]['message'], [line['message'] for line in theirs if line['stream'] == 'stderr'])
)";
  const Outcome parsed = run_program({"python3", "-c", script, log});
  CHECK(parsed.exit_code == 0);
  CHECK(
      parsed.out ==
      "plain|quote \" back\\slash\ttab|True|error\n200000 False True\nlast without end ['oops']\n");
}

TEST_CASE("rotation keeps whole lines in order and no more than was asked for") {
  const TempDir directory;
  const auto log = directory / "log";
  CHECK(run_toolkit(run_with({"--console", "none", "--log", log, "--log-format", "raw",
                              "--log-max-size", "256K", "--log-keep", "3"},
                             fixture("lines", "20000", "99")))
            .exit_code == 0);
  std::string all;
  for (const char* end : {".3", ".2", ".1", ""}) {
    CHECK(std::filesystem::file_size(log + end) <= 256 << 10);
    all += read_file(log + end);
  }
  CHECK_FALSE(file_exists(log + ".4"));
  long expected = 20000 - count_of(all, "\n");
  bool right = expected > 0;
  for (const std::string& line : lines_of(all)) {
    right = right && line.size() == 99 && std::atol(line.c_str()) == expected++;
  }
  CHECK(right);
  CHECK(expected == 20000);
}

TEST_CASE("the total cap holds for all generations together") {
  const TempDir directory;
  const auto log = directory / "logs/log";
  std::filesystem::create_directory(directory / "logs");
  auto run = start_toolkit(
      run_with({"--console", "none", "--log", log, "--log-max-total", "400K", "--log-keep", "4"},
               fixture("lines", "60000", "99", "flush")));
  std::uintmax_t most = 0;
  while (!run.has_ended()) {
    std::uintmax_t total = 0;
    std::error_code gone;
    for (const auto& entry : std::filesystem::directory_iterator(directory / "logs", gone)) {
      const auto size = entry.file_size(gone);
      total += gone ? 0 : size;
    }
    most = std::max(most, total);
  }
  CHECK(run.wait().exit_code == 0);
  CHECK(most > 300 << 10);
  CHECK(most <= (400 << 10) + 200);  // a line at most
}

TEST_CASE("a live tail -F sees every line across rotations") {
  const TempDir directory;
  const auto log = directory.write("log", "");
  Process tail({"tail", "-F", "-n", "+1", "-s", "0.05", log});
  CHECK(run_toolkit(
            run_with({"--console", "none", "--log", log, "--log-max-size", "8K", "--log-keep", "9"},
                     fixture("sleep-print", "4", "600")))
            .exit_code == 0);
  CHECK(tail.wait_for_out("exited with code 0"));
  long expected = 1;
  for (const std::string& line : child_lines(tail.out())) {
    const auto at = line.find(": tick ");
    REQUIRE(at != std::string::npos);
    CHECK(std::atol(line.c_str() + at + 7) == expected++);
  }
  CHECK(expected == 601);
  CHECK(file_exists(log + ".2"));
  tail.signal(SIGTERM);
}

TEST_CASE("SIGHUP opens the log again for whoever moved it") {
  const TempDir directory;
  const auto log = directory / "log";
  auto run = start_toolkit(run_with({"--log", log, "--log-format", "raw", "--reopen-on-hup"},
                                    fixture("sleep-print", "2", "800")));
  REQUIRE(run.wait_for_out("tick 100\n"));
  std::filesystem::rename(log, log + ".moved");
  run.signal(SIGHUP);
  CHECK(wait_until([&] { return !read_file_or_empty(log).empty(); },
                   800ms));  // not by the look each second
  const Outcome outcome = run.wait();
  CHECK(outcome.exit_code == 0);  // it was not passed on
  CHECK((read_file(log + ".moved") + read_file(log) == outcome.out));
}

TEST_CASE("a prefixed console looks like the log") {
  const TempDir directory;
  const auto log = directory / "log";
  const Outcome outcome =
      run_toolkit(run_with({"--console", "prefixed", "--utc", "--prefix", "job", "--log", log},
                           shell("echo one; echo two; printf end; echo bad >&2")));
  const auto lines = child_lines(read_file(log));
  std::vector<std::string> out, err;
  for (const std::string& line : lines) {
    (contains(line, "ERROR") ? err : out).push_back(line);
  }
  CHECK(outcome.out == joined(out));
  CHECK(contains(outcome.err, joined(err)));
  CHECK(out.size() == 3);
}
