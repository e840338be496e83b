package dev.warren.discovery.pkarr;

import dev.warren.base.NodeId;
import dev.warren.discovery.FakeHttp;
import dev.warren.discovery.wire.SignedPacket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A pkarr relay for one node on loopback, as iroh's: an older packet is taken with 204 and
 * forgotten.
 */
final class FakeRelay implements AutoCloseable {
  final AtomicReference<@Nullable SignedPacket> held = new AtomicReference<>();
  final List<SignedPacket> puts = new CopyOnWriteArrayList<>();
  volatile int putStatus = 204;
  volatile int getStatus = 200;
  private final FakeHttp http;

  FakeRelay(NodeId id) throws Exception {
    this.http =
        new FakeHttp(
            (request, out) -> {
              if (request.line().startsWith("GET ")) {
                SignedPacket packet = held.get();
                out.write(
                    packet == null || getStatus != 200
                        ? FakeHttp.answer(getStatus == 200 ? 404 : getStatus, new byte[0])
                        : FakeHttp.answer(200, packet.relayPayload()));
                return;
              }
              SignedPacket packet = SignedPacket.fromRelayPayload(id, request.body());
              if (putStatus == 204 && (held.get() == null || packet.isMoreRecentThan(held.get()))) {
                held.set(packet);
              }
              puts.add(packet);
              out.write(FakeHttp.answer(putStatus, new byte[0]));
            });
  }

  URI url() {
    return http.url("/pkarr");
  }

  int requests() {
    return http.requests.size();
  }

  @Override
  public void close() throws Exception {
    http.close();
  }
}
