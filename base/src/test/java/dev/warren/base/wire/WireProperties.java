package dev.warren.base.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.testlab.Bounded;
import dev.warren.testlab.HostileInput;
import java.util.List;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

/** Base 32 in its three alphabets, hex, postcard. */
class WireProperties {
  private static final long MEMORY = 64 << 20;

  /** One shape that {@link PostcardReader} reads. */
  enum Shape {
    U8,
    U16,
    U32,
    U64,
    BOOL,
    TAKE,
    COUNT,
    BYTES,
    TEXT;

    void read(PostcardReader in) throws PostcardException {
      switch (this) {
        case U8 -> assertThat(in.u8()).isBetween(0, 255);
        case U16 -> assertThat(in.varint(16)).isBetween(0L, 0xffffL);
        case U32 -> assertThat(in.varint(32)).isBetween(0L, 0xffff_ffffL);
        case U64 -> in.varint(64);
        case BOOL -> in.bool();
        case TAKE -> assertThat(in.take(3)).hasSize(3);
        case COUNT -> assertThat(in.count(2)).isBetween(0, in.remaining() / 2);
        case BYTES -> in.byteString();
        case TEXT -> in.string();
      }
    }
  }

  @Provide
  Arbitrary<String> texts() {
    return HostileInput.text("aoqqpp7tzyil4hlq3umoos6atft6jvrqtosq2xy53sdgiesvgg4a", "00ff");
  }

  @Provide
  Arbitrary<byte[]> postcards() {
    return HostileInput.bytes(
        new PostcardWriter()
            .varint(-1)
            .string("ä")
            .varint(65535)
            .byteString(new byte[9])
            .toBytes());
  }

  @Property(tries = 300)
  void bytesComeBackFromTheirTexts(@ForAll @Size(max = 100) byte[] bytes) {
    assertThat(Base32.decode(Base32.encode(bytes))).isEqualTo(bytes);
    assertThat(Base32.decodeHex(Base32.encodeHex(bytes))).isEqualTo(bytes);
    assertThat(Base32.decodeZ(Base32.encodeZ(bytes))).isEqualTo(bytes);
    assertThat(Hex.decode(Hex.encode(bytes))).isEqualTo(bytes);
  }

  @Property(tries = 300)
  void onlyTheTextOfSomeBytesIsDecoded(@ForAll("texts") String text) throws Exception {
    Bounded.run(
        MEMORY,
        () -> {
          onlyItsOwn(text, Base32::decode, Base32::encode);
          onlyItsOwn(text, Base32::decodeHex, Base32::encodeHex);
          onlyItsOwn(text, Base32::decodeZ, Base32::encodeZ);
          onlyItsOwn(text, Hex::decode, Hex::encode);
        });
  }

  private static void onlyItsOwn(
      String text, Function<String, byte[]> decode, Function<byte[], String> encode) {
    try {
      assertThat(encode.apply(decode.apply(text))).isEqualTo(text);
    } catch (IllegalArgumentException refused) {
      assertThat(refused.getMessage().length()).isLessThan(200);
    }
  }

  @Property(tries = 300)
  void valuesComeBackFromPostcard(
      @ForAll long number, @ForAll byte[] bytes, @ForAll String text, @ForAll boolean flag)
      throws Exception {
    String utf8 = text.replaceAll("\\p{Cs}", "?");
    PostcardReader in =
        new PostcardReader(
            new PostcardWriter()
                .varint(number)
                .u8(flag ? 1 : 0)
                .varint(number & 0xffff)
                .byteString(bytes)
                .string(utf8)
                .toBytes());
    assertThat(in.varint(64)).isEqualTo(number);
    assertThat(in.bool()).isEqualTo(flag);
    assertThat(in.varint(16)).isEqualTo(number & 0xffff);
    assertThat(in.byteString()).isEqualTo(bytes);
    assertThat(in.string()).isEqualTo(utf8);
    assertThat(in.remaining()).isZero();
  }

  @Provide
  Arbitrary<List<Shape>> shapes() {
    return Arbitraries.of(Shape.class).list().ofMaxSize(20);
  }

  @Property(tries = 500)
  void anyBytesAreReadInAnyShapeOrRefused(
      @ForAll("postcards") byte[] bytes, @ForAll("shapes") List<Shape> shapes) throws Exception {
    Bounded.run(
        MEMORY,
        () -> {
          PostcardReader in = new PostcardReader(bytes);
          try {
            for (Shape shape : shapes) {
              int before = in.remaining();
              shape.read(in);
              assertThat(in.remaining()).isBetween(0, before - 1);
            }
          } catch (PostcardException refused) {
            assertThat(in.remaining()).isBetween(0, bytes.length);
          }
        });
  }
}
