package dev.warren.discovery.dns;

import dev.warren.discovery.io.Hosts;
import dev.warren.discovery.io.HttpClient;
import dev.warren.discovery.io.HttpRequest;
import dev.warren.discovery.io.StreamQuery;
import dev.warren.discovery.io.Tls;
import dev.warren.discovery.io.UdpQuery;
import dev.warren.discovery.logic.AnswerCheck;
import dev.warren.discovery.wire.HttpResponse;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;

/** Takes one question to one server and brings the answer back. Any thread. */
final class DnsTransport {
  /** What the two length bytes of the other transports can say. */
  private static final int MAX_MESSAGE = 65_535;

  private static final String MEDIA_TYPE = "application/dns-message";

  private final EventLoop loop;
  private final Executor blocking;
  private final Tls tls;
  private final HttpClient http;
  private final DnsCounters counters;

  DnsTransport(EventLoop loop, Executor blocking, Tls tls, HttpClient http, DnsCounters counters) {
    this.loop = loop;
    this.blocking = blocking;
    this.tls = tls;
    this.http = http;
    this.counters = counters;
  }

  /** The answer, whatever its response code; never a truncated one. Cancelling ends it. */
  CompletableFuture<Message> ask(NameServer server, Message query, Duration limit) {
    counters.questions.increment();
    if (server instanceof NameServer.Plain plain) {
      return udp(plain.address(), query, limit);
    }
    if (server instanceof NameServer.OverTls secured) {
      return overTls(secured, query, limit);
    }
    return overHttps((NameServer.OverHttps) server, query, limit);
  }

  private CompletableFuture<Message> udp(InetSocketAddress server, Message query, Duration limit) {
    long start = System.nanoTime();
    return Steps.then(
        new UdpQuery(loop, server, query, counters.ignored).start(limit),
        answer -> {
          if (!answer.getHeader().getFlag(Flags.TC)) {
            return CompletableFuture.completedFuture(answer);
          }
          counters.truncated.increment();
          return StreamQuery.tcp(loop, server, query, counters.ignored)
              .start(limit.minusNanos(System.nanoTime() - start));
        });
  }

  private CompletableFuture<Message> overTls(
      NameServer.OverTls server, Message query, Duration limit) {
    long start = System.nanoTime();
    return Steps.then(
        Hosts.lookup(server.host(), tls, blocking),
        ips -> {
          List<InetSocketAddress> addresses =
              ips.stream().map(ip -> new InetSocketAddress(ip, server.port())).toList();
          return StreamQuery.tls(loop, addresses, tls, server.host(), query, counters.ignored)
              .start(limit.minusNanos(System.nanoTime() - start));
        });
  }

  private CompletableFuture<Message> overHttps(
      NameServer.OverHttps server, Message query, Duration limit) {
    HttpRequest request =
        new HttpRequest(
            "POST",
            server.url(),
            Map.of("Accept", MEDIA_TYPE, "Content-Type", MEDIA_TYPE),
            query.toWire(),
            MAX_MESSAGE);
    return Steps.then(http.send(request, limit), answer -> message(server, query, answer));
  }

  private CompletableFuture<Message> message(
      NameServer.OverHttps server, Message query, HttpResponse answer) {
    if (answer.status() != 200) {
      return CompletableFuture.failedFuture(
          new IOException(server + " answered with status " + answer.status()));
    }
    Message message = new AnswerCheck(query).accept(answer.body());
    if (message == null) {
      counters.ignored.increment();
      return CompletableFuture.failedFuture(
          new IOException(server + " sent something else than the answer"));
    }
    return CompletableFuture.completedFuture(message);
  }
}
