package dev.warren.discovery.local.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.testlab.Bounded;
import dev.warren.testlab.HostileInput;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Messages from anybody on the link. */
class MessageProperties {
  private static final long MEMORY = 16 << 20;
  private static final NodeId ID = SecretKey.ofBytes(new byte[32]).nodeId();

  @Provide
  Arbitrary<byte[]> messages() throws Exception {
    List<InetSocketAddress> addresses =
        List.of(
            SocketAddrs.parse("192.168.1.10:11204"),
            SocketAddrs.parse("192.168.1.11:11205"),
            SocketAddrs.parse("[fd00::10]:11204"));
    Announcement said =
        new Announcement(
            ID,
            addresses,
            Optional.of(RelayUrl.parse("https://relay.example.com/")),
            Optional.of("foobar"));
    return HostileInput.bytes(
        MessageWriter.write(new LocalMessage.Query(1, Set.of(Generation.values()), Set.of(ID))),
        MessageWriter.write(LocalMessage.Response.of(Generation.IROH_0_35, said)),
        MessageWriter.write(LocalMessage.Response.of(Generation.IROH_1, said)),
        MessageWriter.write(LocalMessage.Response.goodbye(ID)));
  }

  @Property
  void anyBytesAreAMessageOrNothing(@ForAll("messages") byte[] bytes) throws Exception {
    check(bytes);
  }

  /** What was read can be written, and is then read as the same. */
  static void check(byte[] bytes) throws Exception {
    Bounded.run(
        MEMORY,
        () -> {
          Optional<LocalMessage> message = MessageReader.read(bytes);
          if (message.isEmpty()) {
            return;
          }
          byte[] written = MessageWriter.write(message.get());
          if (message.get() instanceof LocalMessage.Query) {
            assertThat(MessageReader.read(written)).isEqualTo(message);
          } else if (message.get() instanceof LocalMessage.Response response) {
            assertThat(response.said()).hasSizeLessThanOrEqualTo(2 * MessageReader.MAX_NODES);
            response
                .said()
                .forEach(
                    said ->
                        assertThat(said.announcement().addresses())
                            .isNotEmpty()
                            .hasSizeLessThanOrEqualTo(MessageReader.MAX_ADDRESSES));
            if (response.said().size() <= 1 && written.length < MessageWriter.MAX_LENGTH) {
              assertThat(MessageReader.read(written)).isPresent();
            }
          }
        });
  }
}
