/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The microscope's tree (agent/ctl/view.h) and how it is printed. Expected JSON is written by hand. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ctl/view.h"
#include "helpers.h"

typedef struct
{
  EaView *view;
  GString *out;
} Fixture;

static int
set_up (void **state)
{
  Fixture *fixture = g_new0 (Fixture, 1);

  fixture->view = ea_view_new ();
  fixture->out = g_string_new (NULL);
  *state = fixture;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *fixture = *state;

  ea_view_free (fixture->view);
  g_string_free (fixture->out, TRUE);
  g_free (fixture);
  return 0;
}

static void
begin (EaView *view, EaSpan item)
{
  ea_view_begin (view, item);
  ea_view_begin_object (view, NULL);
  ea_view_add_string (view, "kind", "test");
}

static void
test_every_kind_of_value_has_its_json (void **state)
{
  static const guint8 bytes[] = { 0x00, 0xAB };
  Fixture *fixture = *state;
  EaView *view = fixture->view;

  begin (view, EA_SPAN_OF_ARRAY (bytes));
  ea_view_add_number (view, "number", G_MAXUINT64);
  ea_view_add_boolean (view, "yes", 4);
  ea_view_add_boolean (view, "no", FALSE);
  ea_view_add_null (view, "nothing");
  ea_view_add_bytes (view, "bytes", EA_SPAN_OF_ARRAY (bytes));
  ea_view_add_bytes (view, "no_bytes", EA_SPAN_EMPTY);
  ea_view_add_named (view, "named", 0, "zero");
  ea_view_add_named (view, "reserved", 7, NULL);
  ea_view_end_object (view);
  ea_view_print_json (view, FALSE, fixture->out);

  assert_string_equal (
      fixture->out->str,
      "{\"kind\":\"test\",\"number\":18446744073709551615,\"yes\":true,\"no\":false,"
      "\"nothing\":null,\"bytes\":\"00AB\",\"no_bytes\":\"\","
      "\"named\":{\"value\":0,\"name\":\"zero\"},"
      "\"reserved\":{\"value\":7,\"name\":null}}\n");
}

static void
test_text_of_a_card_can_not_leave_its_json_string (void **state)
{
  Fixture *fixture = *state;

  begin (fixture->view, EA_SPAN_EMPTY);
  ea_view_add_string (fixture->view, "text", "a\"b\\c\n\x1b[2J\x7f é");
  ea_view_end_object (fixture->view);
  ea_view_print_json (fixture->view, FALSE, fixture->out);

  assert_string_equal (fixture->out->str,
                       "{\"kind\":\"test\",\"text\":\"a\\\"b\\\\c\\u000a\\u001b[2J\\u007f é\"}\n");
}

static void
test_lists_and_objects_nest_and_may_be_empty (void **state)
{
  Fixture *fixture = *state;
  EaView *view = fixture->view;

  begin (view, EA_SPAN_EMPTY);
  ea_view_begin_list (view, "empty");
  ea_view_end_list (view);
  ea_view_begin_list (view, "list");
  ea_view_add_number (view, NULL, 1);
  ea_view_begin_object (view, NULL);
  ea_view_end_object (view);
  ea_view_begin_object (view, NULL);
  ea_view_add_number (view, "two", 2);
  ea_view_end_object (view);
  ea_view_end_list (view);
  ea_view_add_number (view, "last", 3);
  ea_view_end_object (view);
  ea_view_print_json (view, FALSE, fixture->out);

  assert_string_equal (fixture->out->str,
                       "{\"kind\":\"test\",\"empty\":[],\"list\":[1,{},{\"two\":2}],\"last\":3}\n");
}

static void
test_pretty_json_has_a_line_for_each_member (void **state)
{
  Fixture *fixture = *state;

  begin (fixture->view, EA_SPAN_EMPTY);
  ea_view_begin_list (fixture->view, "list");
  ea_view_add_number (fixture->view, NULL, 1);
  ea_view_end_list (fixture->view);
  ea_view_end_object (fixture->view);
  ea_view_print_json (fixture->view, TRUE, fixture->out);

  assert_string_equal (fixture->out->str, "{\n"
                                          "  \"kind\" : \"test\",\n"
                                          "  \"list\" : [\n"
                                          "    1\n"
                                          "  ]\n"
                                          "}\n");
}

static void
test_what_was_rewound_is_gone_with_its_place_and_clause (void **state)
{
  Fixture *fixture = *state;
  EaViewMark mark;

  begin (fixture->view, EA_SPAN_EMPTY);
  mark = ea_view_get_mark (fixture->view);
  ea_view_add_string (fixture->view, "text", "thrown away");
  ea_view_begin_object (fixture->view, "object");
  ea_view_at_offset (fixture->view, 77);
  ea_view_cite (fixture->view, "clause");
  ea_view_rewind (fixture->view, mark);
  ea_view_add_string (fixture->view, "text", "kept");
  ea_view_end_object (fixture->view);
  ea_view_print_json (fixture->view, FALSE, fixture->out);
  ea_view_print_tree (fixture->view, FALSE, fixture->out);

  assert_string_equal (fixture->out->str, "{\"kind\":\"test\",\"text\":\"kept\"}\n"
                                          "test (0 bytes)\n"
                                          "        text                           kept\n");
}

static void
test_tree_shows_offset_value_and_clause (void **state)
{
  g_autoptr (GBytes) bytes = bytes_of ("01 02 03 04");
  EaSpan item = ea_span_from_bytes (bytes);
  Fixture *fixture = *state;
  EaView *view = fixture->view;

  begin (view, item);
  ea_view_at (view, ea_span_tail (item, 2));
  ea_view_cite (view, "TS 1 §2");
  ea_view_begin_object (view, "object");
  ea_view_add_bytes_here (view, "bytes", ea_span_tail (item, 3));
  ea_view_end_object (view);
  ea_view_end_object (view);
  ea_view_print_tree (view, FALSE, fixture->out);

  assert_string_equal (
      fixture->out->str,
      "test (4 bytes)\n"
      "     2  object                                                                TS 1 §2\n"
      "     3    bytes                        04\n");
}

static void
test_tree_has_short_lists_on_a_line_and_a_dash_for_each_object_of_a_list (void **state)
{
  Fixture *fixture = *state;
  EaView *view = fixture->view;

  begin (view, EA_SPAN_EMPTY);
  ea_view_begin_list (view, "none");
  ea_view_end_list (view);
  ea_view_begin_list (view, "some");
  ea_view_add_number (view, NULL, 1);
  ea_view_add_named (view, NULL, 2, "two");
  ea_view_end_list (view);
  ea_view_begin_list (view, "objects");
  for (guint i = 0; i < 2; i++)
    {
      ea_view_begin_object (view, NULL);
      ea_view_add_number (view, "first", i);
      ea_view_add_boolean (view, "second", i);
      ea_view_end_object (view);
    }
  ea_view_end_list (view);
  ea_view_begin_list (view, "large");
  ea_view_begin_object (view, NULL);
  ea_view_add_number (view, "first", 16);
  ea_view_begin_list (view, "inner");
  ea_view_end_list (view);
  ea_view_end_object (view);
  ea_view_end_list (view);
  ea_view_add_null (view, "last");
  ea_view_end_object (view);
  ea_view_print_tree (view, FALSE, fixture->out);

  assert_string_equal (fixture->out->str, "test (0 bytes)\n"
                                          "        none                           none\n"
                                          "        some                           1, two (0x02)\n"
                                          "        objects\n"
                                          "          - first 0, second no\n"
                                          "          - first 1, second yes\n"
                                          "        large\n"
                                          "          - first                      16 (0x10)\n"
                                          "            inner                      none\n"
                                          "        last                           none\n");
}

static void
test_tree_breaks_long_bytes_after_thirty_two (void **state)
{
  g_autofree char *zeros = g_strnfill (64, '0');
  g_autofree char *expected
      = g_strdup_printf ("test (0 bytes)\n        bytes                          %s  clause\n"
                         "                                       FF\n",
                         zeros);
  guint8 bytes[33] = { 0 };
  Fixture *fixture = *state;

  bytes[32] = 0xFF;
  begin (fixture->view, EA_SPAN_EMPTY);
  ea_view_cite (fixture->view, "clause");
  ea_view_add_bytes (fixture->view, "bytes", EA_SPAN_OF_ARRAY (bytes));
  ea_view_end_object (fixture->view);
  ea_view_print_tree (fixture->view, FALSE, fixture->out);

  assert_string_equal (fixture->out->str, expected);
}

static void
test_tree_never_moves_the_cursor_of_a_terminal (void **state)
{
  Fixture *fixture = *state;

  begin (fixture->view, EA_SPAN_EMPTY);
  ea_view_add_string (fixture->view, "text", "\x1b]0;title\x07\r\n");
  ea_view_end_object (fixture->view);
  ea_view_print_tree (fixture->view, FALSE, fixture->out);

  assert_string_equal (
      fixture->out->str,
      "test (0 bytes)\n"
      "        text                           \\u001B]0;title\\u0007\\u000D\\u000A\n");
}

static void
test_second_item_has_nothing_of_the_first (void **state)
{
  Fixture *fixture = *state;

  begin (fixture->view, EA_SPAN_EMPTY);
  ea_view_add_string (fixture->view, "text", "first");
  ea_view_at_offset (fixture->view, 3);
  begin (fixture->view, EA_SPAN_EMPTY);
  ea_view_end_object (fixture->view);
  ea_view_print_json (fixture->view, FALSE, fixture->out);

  assert_string_equal (fixture->out->str, "{\"kind\":\"test\"}\n");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown (test_every_kind_of_value_has_its_json, set_up, tear_down),
    cmocka_unit_test_setup_teardown (test_text_of_a_card_can_not_leave_its_json_string, set_up,
                                     tear_down),
    cmocka_unit_test_setup_teardown (test_lists_and_objects_nest_and_may_be_empty, set_up,
                                     tear_down),
    cmocka_unit_test_setup_teardown (test_pretty_json_has_a_line_for_each_member, set_up,
                                     tear_down),
    cmocka_unit_test_setup_teardown (test_what_was_rewound_is_gone_with_its_place_and_clause,
                                     set_up, tear_down),
    cmocka_unit_test_setup_teardown (test_tree_shows_offset_value_and_clause, set_up, tear_down),
    cmocka_unit_test_setup_teardown (
        test_tree_has_short_lists_on_a_line_and_a_dash_for_each_object_of_a_list, set_up,
        tear_down),
    cmocka_unit_test_setup_teardown (test_tree_breaks_long_bytes_after_thirty_two, set_up,
                                     tear_down),
    cmocka_unit_test_setup_teardown (test_tree_never_moves_the_cursor_of_a_terminal, set_up,
                                     tear_down),
    cmocka_unit_test_setup_teardown (test_second_item_has_nothing_of_the_first, set_up, tear_down),
  };

  return cmocka_run_group_tests_name ("ctl-view", tests, NULL, NULL);
}
