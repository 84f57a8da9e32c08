#include "actors/event_loop.hpp"

#include <caf/intrusive_ptr.hpp>

#include <boost/asio/post.hpp>

namespace intd {

namespace {

// Messages that one actor handles before others get their turn.
constexpr size_t max_throughput = 300;

// Events at once that are of one or two clients.
constexpr size_t few = 4;

// Only one thread runs the loop; others post to it.
constexpr int one_thread = 1;

using job_ptr = caf::intrusive_ptr<caf::resumable>;

void resume(event_loop& loop, job_ptr job) {
  switch (job->resume(&loop, max_throughput)) {
    case caf::resumable::resume_later:
      loop.exec_later(job.release());
      break;
    case caf::resumable::shutdown_execution_unit:
      job.release(); // As CAF's own multiplexer: not counted.
      break;
    case caf::resumable::done:
    case caf::resumable::awaiting_message:
      break;
  }
}

} // namespace

event_loop::event_loop(caf::actor_system& system,
                       std::chrono::microseconds spin)
  : caf::execution_unit(&system),
    lookout_(spin),
    io_(one_thread),
    work_(io_.get_executor()) {
  // nop
}

// Where many ask, there is always something to do: then a sleep is short, and
// the processor is the store's.
void event_loop::run() {
  size_t done = 0;
  const auto more = [this, &done] {
    done = io_.poll();
    return done > 0;
  };
  do {
    if (done > few || !lookout_.sees(more)) {
      done = io_.run_one();
      lookout_.came();
    }
  } while (done > 0);
}

void event_loop::stop() {
  io_.stop();
}

void event_loop::exec_later(caf::resumable* job) {
  boost::asio::post(io_, [this, ptr = job_ptr{job, false}]() mutable {
    resume(*this, std::move(ptr));
  });
}

} // namespace intd
