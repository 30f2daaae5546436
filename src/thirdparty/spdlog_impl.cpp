// spdlog's code compiled once (Debian ships it shared only), and only the parts that base/log.cpp
// uses: the logger, its pattern formatter and the sink base. The registry stays out: it would build
// a colour sink and a thread pool that nobody asked for.
#include <spdlog/common-inl.h>
#include <spdlog/details/log_msg-inl.h>
#include <spdlog/details/os-inl.h>
#include <spdlog/pattern_formatter-inl.h>
