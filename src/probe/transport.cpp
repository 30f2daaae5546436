#include "transport.hpp"

namespace toolkit::probe {
namespace {

Reason reason_of(net::Cause cause) {
  switch (cause) {
    case net::Cause::name:
      return Reason::name;
    case net::Cause::refused:
      return Reason::refused;
    case net::Cause::unreachable:
      return Reason::unreachable;
    case net::Cause::timed_out:
      return Reason::timed_out;
    case net::Cause::tls:
      return Reason::tls;
    case net::Cause::closed:
    case net::Cause::protocol:
      return Reason::protocol;
    case net::Cause::other:
      break;
  }
  return Reason::unknown;
}

}  // namespace

Finding finding_of(const net::Trouble& trouble) {
  return {.reason = reason_of(trouble.cause), .words = trouble.words, .exit_code = {}};
}

Finding silent(std::string_view words) {
  return {.reason = Reason::timed_out, .words = std::string(words), .exit_code = {}};
}

}  // namespace toolkit::probe
