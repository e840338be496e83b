package dev.warren.relay.client.io;

import dev.warren.base.NodeId;
import dev.warren.relay.client.logic.WriteBacklog;
import dev.warren.relay.client.state.RelayFailure;
import dev.warren.relay.client.state.RelayHealth;
import dev.warren.relay.client.wire.NodeIdCache;
import dev.warren.relay.client.wire.UpgradeAnswer;
import dev.warren.relay.client.wire.WebSocketFrames;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a relay, from dialling to its end.
 *
 * <pre>
 * RelayRoute --upgraded--> handshake --authenticated--> RELAYING
 *  any failure, once: closed
 * </pre>
 *
 * What was negotiated in the upgrade is a {@link Dialect}; nobody outside sees which. Anything
 * unexpected closes the connection. Event loop only.
 */
public final class RelayChannel {
  /** Senders whose ids are remembered (relay-protocol section B9). */
  private static final int KNOWN_IDS = 128;

  /** WebSocket close codes (RFC 6455 section 7.4.1). */
  private static final int NORMAL = 1000;

  private static final int GOING_AWAY = 1001;

  /** In IANA's registry of these codes: Warren's relays say so when they have no room. */
  private static final int TRY_AGAIN_LATER = 1013;

  /** What happens, on the event loop. After {@link #closed} nothing more does. */
  public interface Events {
    void connected();

    void pong();

    void received();

    void datagrams(NodeId source, ByteBuf data, int segmentSize);

    void readComplete();

    void gone(NodeId id);

    void health(RelayHealth health);

    /** Both in ms, as the relay said. */
    void restarting(long reconnectIn, long tryFor);

    void closed(RelayFailure kind, String cause);
  }

  private final RelayDial dial;
  private final Events events;
  private final byte[] pingBytes = new byte[8];
  private final RelayRoute route;
  private @Nullable Channel channel;
  private @Nullable FrameWriter writer;
  private @Nullable Dialect dialect;
  private boolean relaying;
  private boolean ended;
  private final WriteBacklog backlog = new WriteBacklog();

  private RelayChannel(EventLoop loop, RelayDial dial, Events events) {
    this.dial = dial;
    this.events = events;
    this.route =
        new RelayRoute(
            loop,
            dial,
            new RelayRoute.Outcome() {
              @Override
              public void upgraded(Channel upgraded, UpgradeAnswer.Kind kind) {
                channel = upgraded;
                speak(kind);
              }

              @Override
              public void failed(RelayFailure kind, String why) {
                end(kind, why);
              }
            });
  }

  /** Starts connecting; the outcome comes by the events, perhaps before this returns. */
  public static RelayChannel open(EventLoop loop, RelayDial dial, Events events) {
    RelayChannel relay = new RelayChannel(loop, dial, events);
    relay.route.begin();
    return relay;
  }

  /** What is under way and what was tried, for a dial that takes too long. */
  public String progress() {
    return route.progress();
  }

  private void speak(UpgradeAnswer.Kind kind) {
    route.stage("the relay handshake");
    writer = new FrameWriter(channel);
    Inbound inbound = new Inbound();
    NodeIdCache ids = new NodeIdCache(KNOWN_IDS);
    if (kind == UpgradeAnswer.Kind.LEGACY) {
      if (!dial.legacy()) {
        end(
            RelayFailure.NOT_A_RELAY,
            "the server speaks only the protocol up to 0.90, which is switched off here");
        return;
      }
      dialect = new LegacyDialect(dial.key(), writer, inbound, ids);
      channel.pipeline().addFirst(new PromptAck());
    } else {
      dialect = new ModernDialect(kind == UpgradeAnswer.Kind.V2, dial.key(), writer, inbound, ids);
    }
    route.add(new ChannelFrames(this));
    dialect.begin();
  }

  // ---- what arrives ----

  /** A frame; false ends the reading. */
  boolean onFrame(ByteBuf buffer, int at, int length) {
    if (!ended) {
      events.received();
      Objects.requireNonNull(dialect).onFrame(buffer, at, length);
    }
    return !ended;
  }

  void onWebSocketPing(byte[] body) {
    if (!ended) {
      events.received();
      Objects.requireNonNull(writer).answerPing(body);
    }
  }

  void onReadComplete() {
    if (relaying && !ended) {
      events.readComplete();
    }
  }

  void onWritable(boolean writable) {
    if (writable) {
      backlog.onWritable();
    } else {
      stuck(System.nanoTime());
    }
  }

  void onClose(int code, String reason) {
    String words = reason.isEmpty() ? "" : ", \"" + Shown.line(reason) + "\"";
    if (code == GOING_AWAY) {
      end(RelayFailure.GOING_AWAY, "the relay is going away (WebSocket close 1001" + words + ")");
    } else if (code == TRY_AGAIN_LATER) {
      end(RelayFailure.BUSY, "the relay has no room now (WebSocket close 1013" + words + ")");
    } else {
      end(RelayFailure.LOST, "the relay said goodbye (WebSocket close " + code + words + ")");
    }
  }

  void onViolation(String what) {
    end(RelayFailure.PROTOCOL, "the relay broke the protocol: " + Shown.line(what));
  }

  private final class Inbound implements Dialect.Inbound {
    @Override
    public void authenticated() {
      relaying = true;
      route.stage("relaying");
      events.connected();
    }

    @Override
    public void denied(String reason) {
      end(RelayFailure.NOT_AUTHORIZED, Shown.line(reason));
    }

    @Override
    public void datagrams(NodeId source, ByteBuf data, int segmentSize) {
      if (ended) {
        data.release(); // a listener has closed us amid a frame
      } else {
        events.datagrams(source, data, segmentSize);
      }
    }

    @Override
    public void gone(NodeId id) {
      if (!ended) {
        events.gone(id);
      }
    }

    @Override
    public void pong(byte[] body) {
      if (!ended && Arrays.equals(pingBytes, body)) {
        events.pong();
      }
    }

    @Override
    public void health(RelayHealth health) {
      if (!ended) {
        events.health(health);
      }
    }

    @Override
    public void restarting(long reconnectIn, long tryFor) {
      if (!ended) {
        events.restarting(reconnectIn, tryFor);
      }
    }

    @Override
    public void violation(String what) {
      onViolation(what);
    }
  }

  // ---- sending, once connected ----

  /** Takes ownership; false if it was dropped. */
  public boolean send(NodeId to, ByteBuf data, int segmentSize) {
    try {
      return Objects.requireNonNull(writer).isWritable()
          && Objects.requireNonNull(dialect).datagrams(to, data, segmentSize);
    } finally {
      data.release();
    }
  }

  public void flush() {
    Objects.requireNonNull(writer).flush();
  }

  public void ping() {
    new SecureRandom().nextBytes(pingBytes);
    Objects.requireNonNull(dialect).ping(pingBytes);
  }

  /** Whether the connection is full and has taken nothing for 15 s. */
  public boolean stuck(long now) {
    return backlog.stuck(Objects.requireNonNull(channel).bytesBeforeWritable(), now);
  }

  // ---- end ----

  private void end(RelayFailure kind, String why) {
    if (!ended) {
      close();
      events.closed(kind, why);
    }
  }

  /** A WebSocket Close, then the end; no event follows. */
  public void goodbye(Runnable then) {
    if (relaying && !ended && channel.isActive()) {
      byte[] code = {(byte) (NORMAL >> 8), (byte) NORMAL};
      Objects.requireNonNull(writer).message(WebSocketFrames.CLOSE, code);
    }
    ChannelFuture end = closeQuietly();
    if (end == null) {
      then.run();
    } else {
      end.addListener(f -> then.run());
    }
  }

  /** The address that it was dialled from; null before it is established. */
  public @Nullable InetSocketAddress localAddress() {
    return channel == null ? null : (InetSocketAddress) channel.localAddress();
  }

  /** Ends it; no event follows. */
  public void close() {
    closeQuietly();
  }

  private @Nullable ChannelFuture closeQuietly() {
    ended = true;
    return route.close();
  }
}
