#pragma once
// A stamper at a fixed time in UTC, with its output as lines.

#include <toolkit/output/stamper.hpp>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace stamper_test {

using namespace toolkit;
using namespace toolkit::output;

// 2021-07-04 15:50:26.123456789 UTC
inline const WallTime wall{std::chrono::nanoseconds(1625413826123456789)};

struct Log {
  explicit Log(StampOptions options) : stamper(utc(std::move(options))) {}

  Log& feed(Stream stream, std::string_view bytes) {
    stamper.feed(stream, bytes, time, steady, text);
    return *this;
  }
  Log& out(std::string_view bytes) { return feed(Stream::out, bytes); }
  Log& err(std::string_view bytes) { return feed(Stream::err, bytes); }
  Log& wait(int milliseconds) {
    steady += Milliseconds(milliseconds);
    time += Milliseconds(milliseconds);
    stamper.tick(time, steady, text);
    return *this;
  }
  std::string finish() {
    stamper.finish(time, text);
    return text;
  }

  Stamper stamper;
  WallTime time = wall;
  SteadyTime steady{std::chrono::hours(1)};
  std::string text;

 private:
  static StampOptions utc(StampOptions options) {
    options.utc = true;
    return options;
  }
};

inline std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t newline = text.find('\n');
    lines.emplace_back(text.substr(0, newline));
    text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
  }
  return lines;
}

using Random = std::mt19937;

inline std::size_t below(Random& random, std::size_t limit) {
  return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
}

/// Lengths that matter: short ones, and those around the sizes at which lines are cut.
inline std::size_t odd_length(Random& random) {
  constexpr std::size_t edges[] = {8192, 16384, 65536, 131072};
  switch (below(random, 12)) {
    case 0:
      return 0;
    case 1:
      return edges[below(random, 4)] + below(random, 5) - 2;
    case 2:
      return below(random, 200000);
    default:
      return below(random, 120);
  }
}

/// Feeds both streams in random pieces, in random turns.
inline void feed_randomly(Log& log, std::string_view out, std::string_view err, Random& random) {
  while (!out.empty() || !err.empty()) {
    std::string_view& from = err.empty() || (!out.empty() && below(random, 2) == 0) ? out : err;
    const std::size_t size = std::min(from.size(), odd_length(random) + 1);
    log.feed(&from == &out ? Stream::out : Stream::err, from.substr(0, size));
    from.remove_prefix(size);
    if (below(random, 8) == 0) {
      log.time += std::chrono::nanoseconds(below(random, 2000000000));
    }
  }
}

}  // namespace stamper_test
