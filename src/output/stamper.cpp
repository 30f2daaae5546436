#include "fold.hpp"
#include "line_assembler.hpp"
#include "line_format.hpp"

#include <toolkit/output/stamper.hpp>

#include <algorithm>
#include <array>

namespace toolkit::output {
namespace {

std::unique_ptr<LineFormat> make_format(const StampOptions& options) {
  switch (options.format) {
    case LogFormat::json:
      return make_json_format(options);
    case LogFormat::raw:
      return make_raw_format();
    case LogFormat::cri:
      return make_cri_format();
    case LogFormat::text:
      break;
  }
  return make_text_format(options);
}

bool folds(LogFormat format) { return format == LogFormat::text || format == LogFormat::json; }

struct Lane {
  Lane(Stream stream, LineFormat& format, Milliseconds interval)
      : lines(stream, format), fold(lines, interval) {}
  LineAssembler lines;
  Fold fold;
};

}  // namespace

struct Stamper::Parts {
  explicit Parts(const StampOptions& options)
      : folding(folds(options.format)),
        format(make_format(options)),
        lanes{Lane(Stream::out, *format, options.fold_interval),
              Lane(Stream::err, *format, options.fold_interval)} {}
  Parts(const Parts&) = delete;  // the lanes point into themselves
  Parts& operator=(const Parts&) = delete;

  bool folding;
  std::unique_ptr<LineFormat> format;
  std::array<Lane, 2> lanes;
};

Stamper::Stamper(const StampOptions& options) : parts_(std::make_unique<Parts>(options)) {}
Stamper::Stamper(Stamper&&) noexcept = default;
Stamper& Stamper::operator=(Stamper&&) noexcept = default;
Stamper::~Stamper() = default;

void Stamper::feed(Stream stream, std::string_view bytes, WallTime now, SteadyTime steady,
                   std::string& out) {
  Lane& lane = parts_->lanes[index_of(stream)];
  parts_->format->set_time(now);
  if (!parts_->folding) {
    lane.lines.feed(bytes, out);
    return;
  }
  lane.fold.feed(bytes, steady, out);
  tick(now, steady, out);
}

void Stamper::tick(WallTime now, SteadyTime steady, std::string& out) {
  if (steady < next_due()) {
    return;
  }
  parts_->format->set_time(now);
  for (Lane& lane : parts_->lanes) {
    lane.fold.tick(steady, out);
  }
}

SteadyTime Stamper::next_due() const {
  return std::min(parts_->lanes[0].fold.due(), parts_->lanes[1].fold.due());
}

void Stamper::finish(WallTime now, std::string& out) {
  parts_->format->set_time(now);
  for (Lane& lane : parts_->lanes) {
    lane.fold.finish(out);
  }
}

void Stamper::note(Level level, std::string_view source, std::string_view words, WallTime now,
                   std::string& out) {
  parts_->format->set_time(now);
  parts_->format->note(level, source, words, out);
}

std::uint64_t Stamper::lines(Stream stream) const {
  return parts_->lanes[index_of(stream)].lines.lines();
}

}  // namespace toolkit::output
