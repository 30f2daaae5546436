#pragma once
// The keys of a rendezvous.

namespace toolkit::rendezvous {

/// Each worker adds 1 to it: TCPStore::initKey_ in torch, which has no leading slash, unlike the
/// keys of Python.
inline constexpr const char* kInitKey = "init/";
/// Ours, see barrier.hpp.
inline constexpr const char* kWorkersKey = "toolkit/workers";
inline constexpr const char* kReadyKey = "toolkit/ready";

}  // namespace toolkit::rendezvous
