package dev.warren.discovery.dht.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.testlab.Bounded;
import dev.warren.testlab.HostileInput;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

/** Messages of the DHT from anybody. */
class KrpcProperties {
  private static final long MEMORY = 4 << 20;
  private static final DhtId ID = DhtId.of(new byte[20]);
  private static final byte[] TX = {1, 2, 3, 4};
  private static final MutableItem ITEM =
      MutableItem.sign(SecretKey.ofBytes(new byte[32]), new byte[] {9}, 5, new byte[10]);

  static byte[][] valid() {
    List<DhtContact> nodes =
        List.of(
            new DhtContact(ID, SocketAddrs.parse("192.0.2.1:1")),
            new DhtContact(ID, SocketAddrs.parse("[2001:db8::1]:2")));
    return new byte[][] {
      new KrpcMessage.Query(TX, ID, false, new KrpcRequest.Ping()).encode(),
      new KrpcMessage.Query(TX, ID, true, new KrpcRequest.Get(ID, 5L)).encode(),
      new KrpcMessage.Query(TX, ID, true, new KrpcRequest.Put(ID, TX, ITEM, 4L)).encode(),
      new KrpcMessage.Answer(
              TX,
              ID,
              SocketAddrs.parse("192.0.2.1:1"),
              TX,
              nodes,
              5L,
              new KrpcMessage.Item(ITEM.key(), ITEM.value(), ITEM.signature(), 5L))
          .encode(),
      new KrpcMessage.Failure(TX, 201, "Generic Error").encode()
    };
  }

  @Provide
  Arbitrary<byte[]> messages() {
    return HostileInput.bytes(valid());
  }

  @Provide
  Arbitrary<byte[]> values() {
    return HostileInput.bytes("d1:ad2:id1:xe1:yle1:zi-10ee".getBytes());
  }

  @Property
  void anyBytesAreAMessageOrRefused(@ForAll("messages") byte[] bytes) throws Exception {
    check(bytes);
  }

  @Property
  void anyBytesAreAValueWrittenTheOneWayOrRefused(@ForAll("values") byte[] bytes) throws Exception {
    checkValue(bytes);
  }

  static void checkValue(byte[] bytes) throws Exception {
    Bounded.run(
        MEMORY,
        () -> {
          try {
            assertThat(Bencode.parse(bytes).encode()).isEqualTo(bytes);
          } catch (DhtFormatException refused) {
            assertThat(refused.getMessage()).isNotEmpty();
          }
        });
  }

  static void check(byte[] bytes) throws Exception {
    Bounded.run(
        MEMORY,
        () -> {
          try {
            KrpcMessage message = KrpcMessage.parse(bytes);
            byte[] again = message.encode();
            assertThat(KrpcMessage.parse(again).encode()).isEqualTo(again);
            if (message instanceof KrpcMessage.Answer answer && answer.item() != null) {
              answer.item().check(new byte[0]).verify();
            } else if (message instanceof KrpcMessage.Query query
                && query.request() instanceof KrpcRequest.Put put) {
              put.item().verify();
            }
          } catch (DhtFormatException refused) {
            assertThat(refused.getMessage()).isNotEmpty();
          }
        });
  }

  @Property
  void everyItemComesBackInAPut(
      @ForAll @Size(max = 1000) byte[] text,
      @ForAll @Size(max = 64) byte[] salt,
      @ForAll long seq,
      @ForAll @Size(32) byte[] seed)
      throws Exception {
    MutableItem item = MutableItem.sign(SecretKey.ofBytes(seed), salt, seq, text);
    KrpcMessage put =
        new KrpcMessage.Query(TX, ID, true, new KrpcRequest.Put(item.target(), TX, item, null));
    KrpcMessage.Query back = (KrpcMessage.Query) KrpcMessage.parse(put.encode());
    MutableItem read = ((KrpcRequest.Put) back.request()).item();
    assertThat(read).isEqualTo(item);
    assertThat(read.verify()).isTrue();
    assertThat(read.text()).isEqualTo(text);
  }
}
