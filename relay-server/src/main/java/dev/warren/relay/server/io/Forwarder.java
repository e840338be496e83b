package dev.warren.relay.server.io;

import dev.warren.relay.client.wire.LegacyFrames;
import dev.warren.relay.client.wire.PackedDatagrams;
import dev.warren.relay.client.wire.RelayFrames;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Takes the datagram frames of one client to whom they are for.
 *
 * <p><b>Nothing is copied</b> where both ends speak alike, but small frames and those that have to
 * wait. What came before a payload is longer than what goes out before it: a client masks its
 * frames, the relay does not. So the payload is unmasked where it lies, the destination is
 * overwritten by the source, the header is written just in front of it, and that slice of the
 * receive buffer is what the recipient's socket gets. A single datagram is also bridged in place;
 * batches are put together anew by {@link Bridge}.
 *
 * <p>What came is counted once a read, not once a frame. Event loop of the sender only.
 */
final class Forwarder {
  private final DataPlane plane;
  private final RelayClientConnection from;
  private final byte[] id;
  private final Clients.Entry own;
  private final IdKey to = new IdKey();
  private final ArrayList<RelayClientConnection> dirty = new ArrayList<>(2);
  private Clients.@Nullable Entry route;
  private Clients.@Nullable Entry told;
  private long frames;
  private long bytes;
  private long unknown;
  private long malformed;

  Forwarder(DataPlane plane, RelayClientConnection from, byte[] id, Clients.Entry own) {
    this.plane = plane;
    this.from = from;
    this.id = id;
    this.own = own;
  }

  /** A frame of the modern dialects, 4 or 5; false if it is none and its sender is broken. */
  boolean forwardModern(boolean batch, ByteBuf buffer, int at, int length) {
    int data = RelayFrames.ID + (batch ? 3 : 1);
    if (length < data) {
      return false;
    }
    int n = length - data;
    int segment = batch ? buffer.getUnsignedShort(at + RelayFrames.ID + 1) : 0;
    frames++;
    bytes += n;
    if (n == 0 || 1 + length > RelayFrames.MAX_FRAME) {
      // Upstream would let it through and break the recipient by it.
      malformed++;
      return isKnownOrId(buffer, at);
    }
    RelayClientConnection target = find(buffer, at);
    if (target == null) {
      unknown++;
      return isKnownOrId(buffer, at);
    }
    if (!target.dialect().isLegacy()) {
      if (batch && segment == 0) {
        // Read as a single datagram everywhere (section A6): the ecn moves up to the data.
        buffer.setByte(at + data - 1, buffer.getByte(at + RelayFrames.ID));
        send(target, RelayFrames.FROM_RELAY, buffer, at + 2, length - 2, room(at + 2, at, length));
      } else {
        int type = batch ? RelayFrames.FROM_RELAY_BATCH : RelayFrames.FROM_RELAY;
        send(target, type, buffer, at, length, room(at, at, length));
      }
    } else if (batch && segment != 0 && segment < n) {
      Bridge.pack(this, target, buffer, at + data, n, segment);
    } else {
      int packed = at + data - PackedDatagrams.PREFIX - RelayFrames.ID;
      buffer.setShortLE(at + data - PackedDatagrams.PREFIX, n);
      send(
          target,
          LegacyFrames.RECV_PACKET,
          buffer,
          packed,
          RelayFrames.ID + PackedDatagrams.PREFIX + n,
          room(packed, at, length));
    }
    return true;
  }

  /** A frame 4 of the legacy dialects; false if it is none and its sender is broken. */
  boolean forwardLegacy(ByteBuf buffer, int at, int length) {
    if (length < RelayFrames.ID) {
      return false;
    }
    frames++;
    bytes += length - RelayFrames.ID;
    RelayClientConnection target = find(buffer, at);
    if (target == null) {
      unknown++;
      return isKnownOrId(buffer, at);
    }
    if (target.dialect().isLegacy()) {
      send(target, LegacyFrames.RECV_PACKET, buffer, at, length, room(at, at, length));
      return true;
    }
    int packet = at + RelayFrames.ID;
    int end = at + length;
    int first = PackedDatagrams.lengthAt(buffer, packet, end);
    int data = packet + PackedDatagrams.PREFIX;
    if (first > 0
        && first <= PackedDatagrams.MAX_DATAGRAM
        && PackedDatagrams.lengthAt(buffer, data + first, end) == PackedDatagrams.END) {
      int single = data - 1 - RelayFrames.ID;
      buffer.setByte(data - 1, 0); // no ecn
      send(
          target,
          RelayFrames.FROM_RELAY,
          buffer,
          single,
          RelayFrames.ID + 1 + first,
          room(single, at, length));
    } else {
      malformed += Bridge.unpack(this, target, buffer, packet, end);
    }
    return true;
  }

  private int room(int payloadAt, int receivedAt, int received) {
    return from.dialect().headerIn(received) + payloadAt - receivedAt;
  }

  /**
   * Sends a payload, which begins with room for an id, under the sender's id: in place if the
   * header fits into {@code room} bytes before it.
   */
  private void send(
      RelayClientConnection target, int type, ByteBuf buffer, int at, int length, int room) {
    int header = target.dialect().headerOut(length);
    if (header > room) {
      ByteBuf copy = from.alloc().directBuffer(header + length, header + length);
      copy.writerIndex(header).writeBytes(buffer, at, length);
      finish(target, type, copy, header, length);
      return;
    }
    buffer.setBytes(at, id);
    target.dialect().putHeader(buffer, at, type, length);
    deliver(target, buffer.retainedSlice(at - header, header + length));
  }

  /** Sends a buffer of its own whose payload, with room for an id, lasts to its end. */
  void finish(RelayClientConnection target, int type, ByteBuf own, int at, int length) {
    own.setBytes(at, id);
    target.dialect().putHeader(own, at, type, length);
    own.readerIndex(at - target.dialect().headerOut(length));
    deliver(target, own);
  }

  private void deliver(RelayClientConnection target, ByteBuf frame) {
    if (route != told) {
      told = route;
      plane.clients().onSent(own, to);
    }
    if (target.deliver(frame) && (dirty.isEmpty() || dirty.get(dirty.size() - 1) != target)) {
      dirty.add(target);
    }
  }

  ByteBuf allocate(int capacity) {
    return from.alloc().directBuffer(capacity, capacity);
  }

  // ---- destinations ----

  private @Nullable RelayClientConnection find(ByteBuf buffer, int at) {
    RelayClientConnection active = route != null && to.isAt(buffer, at) ? route.active() : null;
    if (active == null) {
      to.read(buffer, at);
      route = plane.clients().entry(to);
      active = route == null ? null : route.active();
    }
    return active;
  }

  /** Whoever sends to what is no id at all is broken. */
  private boolean isKnownOrId(ByteBuf buffer, int at) {
    to.read(buffer, at);
    route = plane.clients().entry(to);
    return route != null || plane.keys().isId(to, from.now());
  }

  /** The end of a read: everything goes out, and the counters are brought up to date. */
  void flush() {
    if (frames > 0) {
      from.addReceived(bytes);
      RelayCounters counters = plane.counters();
      counters.packetsReceived.add(frames);
      counters.bytesReceived.add(bytes);
      counters.droppedUnknown.add(unknown);
      counters.droppedMalformed.add(malformed);
      frames = 0;
      bytes = 0;
      unknown = 0;
      malformed = 0;
    }
    for (int i = 0; i < dirty.size(); i++) {
      dirty.get(i).flushDelivered();
    }
    dirty.clear();
  }
}
