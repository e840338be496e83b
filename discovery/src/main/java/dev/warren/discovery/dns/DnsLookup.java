package dev.warren.discovery.dns;

import dev.warren.discovery.logic.Aliases;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * One lookup: asks a server, follows aliases, goes on to the next server if one is of no use. One
 * question is under way at a time, so that each step happens after the one before, on whatever
 * thread.
 */
final class DnsLookup {
  /** What fits every network unfragmented (DNS Flag Day 2020). */
  private static final int EDNS_PAYLOAD = 1232;

  private static final SecureRandom RANDOM = new SecureRandom();

  /** Whoever is asked says first that his time is over: the messages name him. */
  private static final Duration GRACE = Duration.ofMillis(100);

  private final DnsTransport transport;
  private final DnsCounters counters;
  private final int type;
  private final long deadline;
  private final CompletableFuture<List<Record>> result;
  private final Aliases aliases;
  private final Name name;
  private final List<String> failures = new ArrayList<>();
  private int first;
  private volatile List<NameServer> servers = List.of();
  private volatile int tried;
  private boolean edns = true;

  DnsLookup(
      DnsTransport transport,
      DnsCounters counters,
      Name name,
      int type,
      Duration limit,
      CompletableFuture<List<Record>> result) {
    this.transport = transport;
    this.counters = counters;
    this.name = name;
    this.type = type;
    this.deadline = System.nanoTime() + limit.toNanos();
    this.result = result;
    this.aliases = new Aliases(name, type);
  }

  /** Ends the lookup with its time, whatever it waits for. */
  void limit(EventLoop loop, Duration limit) {
    ScheduledFuture<?> timer =
        loop.schedule(this::timedOut, limit.plus(GRACE).toNanos(), TimeUnit.NANOSECONDS);
    result.whenComplete((records, error) -> timer.cancel(false));
  }

  private void timedOut() {
    if (!result.isDone()) {
      counters.failed.increment();
      result.completeExceptionally(
          new IOException(
              "no answer for "
                  + Type.string(type)
                  + " "
                  + name
                  + " within the time: "
                  + unanswered()));
    }
  }

  /** Whom this waited for. The timer's thread: what becomes of the others meanwhile is not read. */
  private String unanswered() {
    if (servers.isEmpty()) {
      return "the system did not say its name servers";
    }
    NameServer last = servers.get((first + tried) % servers.size());
    return last
        + (last instanceof NameServer.Plain
            ? " did not answer"
            : " did not answer, or the system did not say its address");
  }

  void start(@Nullable List<NameServer> servers, @Nullable Throwable error, int first) {
    if (servers == null) {
      failures.add(error == null ? "no server" : String.valueOf(error.getMessage()));
      lost();
      return;
    }
    this.first = first;
    this.servers = servers;
    ask();
  }

  private void ask() {
    if (result.isDone()) {
      return;
    }
    Duration left = Duration.ofNanos(deadline - System.nanoTime());
    if (tried == servers.size() || left.isNegative()) {
      lost();
      return;
    }
    NameServer server = servers.get((first + tried) % servers.size());
    CompletableFuture<Message> answer = transport.ask(server, query(), left);
    result.whenComplete((records, error) -> answer.cancel(false));
    answer.whenComplete(
        (message, error) -> {
          if (error != null) {
            nextServer(String.valueOf(error.getMessage()));
          } else {
            accept(server, message);
          }
        });
  }

  private Message query() {
    Message query = Message.newQuery(Record.newRecord(aliases.name(), type, DClass.IN));
    query.getHeader().setID(RANDOM.nextInt(1 << 16));
    if (edns) {
      query.addRecord(new OPTRecord(EDNS_PAYLOAD, 0, 0), Section.ADDITIONAL);
    }
    return query;
  }

  private void accept(NameServer server, Message answer) {
    int rcode = answer.getRcode();
    switch (rcode) {
      case Rcode.NOERROR -> follow(answer);
      case Rcode.NXDOMAIN -> {
        counters.answers.increment();
        result.complete(List.of());
      }
      case Rcode.FORMERR, Rcode.NOTIMP -> {
        if (edns) {
          // Servers from before EDNS answer so (RFC 6891 section 7).
          edns = false;
          ask();
        } else {
          nextServer(server + " answered " + Rcode.string(rcode));
        }
      }
      default -> nextServer(server + " answered " + Rcode.string(rcode));
    }
  }

  private void follow(Message answer) {
    List<Record> records = aliases.follow(answer);
    if (aliases.isBroken()) {
      counters.brokenAliases.increment();
      failures.add("the aliases of this name go in a circle, or are more than " + Aliases.MAX);
      lost();
    } else if (records == null) {
      ask();
    } else {
      counters.answers.increment();
      result.complete(records);
    }
  }

  private void nextServer(String failure) {
    failures.add(failure);
    tried++;
    edns = true;
    ask();
  }

  private void lost() {
    counters.failed.increment();
    if (failures.isEmpty()) {
      failures.add("no time left");
    }
    result.completeExceptionally(
        new IOException(
            "no answer for "
                + Type.string(type)
                + " "
                + name
                + ": "
                + String.join("; ", failures)));
  }

  /** Ends it: the resolver is closed. */
  void close() {
    result.completeExceptionally(new IOException("the DNS resolver is closed"));
  }
}
