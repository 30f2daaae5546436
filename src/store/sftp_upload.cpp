#include "sftp_upload.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <deque>
#include <utility>

namespace toolkit::store::sftp {
namespace {

struct Sent {
  std::uint64_t end;
  std::size_t size;
  Ticket ticket;
};

// Fills `into`; at the end of the content fewer.
Result<std::size_t> read_piece(Content& content, std::uint64_t offset, std::span<char> into) {
  std::size_t filled = 0;
  while (filled < into.size()) {
    TRY_ASSIGN(const std::size_t count, content.read(offset + filled, into.subspan(filled)));
    if (count == 0) {
      break;
    }
    filled += count;
  }
  return filled;
}

Result<Request> next_write(const Upload& upload, std::uint64_t offset, std::size_t size) {
  Request request(Type::write);
  request.text(upload.handle).big_number(offset);
  TRY_ASSIGN(const std::size_t filled, read_piece(upload.content, offset, request.data(size)));
  if (filled < size) {
    return fail(ErrorKind::conflict, fmt::format("{}: the source has become shorter: {} bytes",
                                                 upload.what, offset + filled));
  }
  TRY(upload.flow.pass(size));
  return request;
}

}  // namespace

Result<void> Upload::send(std::uint64_t from, std::uint64_t to) {
  std::deque<Sent> open;
  Result<void> result;
  std::size_t wasted = 0;
  good_end = from;
  while (from < to || !open.empty()) {
    while (result && from < to && open.size() < depth) {
      const std::size_t size =
          static_cast<std::size_t>(std::min<std::uint64_t>(to - from, session.sizes().write));
      auto request = next_write(*this, from, size);
      if (!request) {
        result = Failure(std::move(request.error()));
        break;
      }
      from += size;
      open.push_back({from, size, session.send(std::move(*request))});
    }
    if (result && from == to && when_sent) {
      std::exchange(when_sent, nullptr)();
    }
    if (open.empty()) {
      break;
    }
    const auto done = wait_done(open.front().ticket);
    if (done && !fault) {
      good_end = open.front().end;
    } else if (done) {
      is_torn = true;
    } else if (!fault) {
      fault = done.error();
      result = Failure(explain(what, *fault));
    }
    wasted += fault ? open.front().size : 0;
    open.pop_front();
  }
  flow.again(wasted);
  return result;
}

std::size_t upload_depth(const Sizes& sizes) {
  constexpr std::size_t kBytes = 4 << 20;
  return std::clamp<std::size_t>(kBytes / sizes.write, 16, 64);
}

}  // namespace toolkit::store::sftp
