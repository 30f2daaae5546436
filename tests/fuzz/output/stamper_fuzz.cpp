// The first bytes choose format, chunks and turns, the rest is what the child writes. cri must give
// both streams back; text and json must have at least as many lines as the child wrote; nothing
// crashes.

#include <toolkit/output/stamper.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace toolkit;
using namespace toolkit::output;

namespace {

void require(bool truth) {
  if (!truth) {
    std::abort();
  }
}

struct Run {
  std::string log;
  std::array<std::string, 2> sent;
  long notes = 0;
};

/// Each piece begins with a byte that says which stream, how long, and how much later.
Run run(Stamper& stamper, std::string_view input) {
  Run run;
  WallTime wall{std::chrono::seconds(1625413826)};
  SteadyTime steady{};
  while (!input.empty()) {
    const auto how = static_cast<unsigned char>(input[0]);
    // Some pieces are long: lines that are held, begun and cut need thousands of bytes.
    const std::size_t repeat = how % 7 == 0 ? 1U << (how >> 4U) % 13U : 1;
    const std::string_view taken = input.substr(1, 1 + how % 32U);
    std::string piece;
    for (std::size_t i = 0; i < repeat; ++i) {
      piece += taken;
    }
    const Stream stream = how % 2 == 0 ? Stream::out : Stream::err;
    stamper.feed(stream, piece, wall, steady, run.log);
    run.sent[how % 2U] += piece;
    wall += std::chrono::milliseconds(how);
    steady += std::chrono::milliseconds(how);
    input.remove_prefix(std::min(input.size(), 1 + taken.size()));
    if (how % 5 == 0) {
      stamper.tick(wall, steady, run.log);
      stamper.note(Level::info, "run", "note", wall, run.log);
      ++run.notes;
    }
  }
  stamper.finish(wall, run.log);
  return run;
}

std::string restore(Stream stream, std::string_view log) {
  Restorer restorer(stream);
  std::string bytes;
  for (std::size_t at = 0; at < log.size(); at += 77) {
    require(restorer.feed(log.substr(at, 77), bytes));
  }
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  const auto format = static_cast<LogFormat>(data[0] % 4);
  Stamper stamper({.format = format,
                   .label = "train",
                   .sub_second_digits = data[1] % 10,
                   .utc = true,
                   .fold_interval = Milliseconds(data[1])});
  const std::string_view input(reinterpret_cast<const char*>(data + 2), size - 2);
  const Run result = run(stamper, input);
  const auto count = [](const std::string& text) {
    return std::count(text.begin(), text.end(), '\n');
  };
  const bool noted = format == LogFormat::text || format == LogFormat::json;
  require(count(result.log) >=
          count(result.sent[0]) + count(result.sent[1]) + (noted ? result.notes : 0));
  if (format == LogFormat::cri) {
    require(restore(Stream::out, result.log) == result.sent[0]);
    require(restore(Stream::err, result.log) == result.sent[1]);
  }
  std::string ignored;
  Restorer junk(Stream::out);
  (void)junk.feed(input, ignored);
  return 0;
}
