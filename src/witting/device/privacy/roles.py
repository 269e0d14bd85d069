"""Which roles of a UI tree say their own text on their own box, which are pictures, which only hold others, and which tags there are.

Data, no logic; ARIA, AT-SPI and HTML names. A role in none of the sets is neither shown nor a reason to mask its neighbours.
"""

from witting.device.privacy.sample import word_set

# The node's box shows what its name or value says.
TEXT_ROLES = word_set(
    """text label static caption heading paragraph link button checkbox radio tab option menuitem menuitemcheckbox menuitemradio textbox
    searchbox combobox spinbutton switch listitem cell gridcell columnheader rowheader treeitem legend term definition code emphasis strong
    entry menu""",
) | {
    "static text", "push button", "toggle button", "check box", "radio button", "page tab", "menu item", "check menu item",
    "radio menu item", "list item", "table cell", "table column header", "combo box", "spin button",
}  # fmt: skip
# Shown without a name too, up to the size of a control.
CONTROL_ROLES = word_set("checkbox radio button switch") | {"check box", "radio button", "push button", "toggle button"}
# The box shows what no text says. `unknown` stands for a role that didn't pass.
PICTURE_ROLES = word_set(
    """image img picture canvas video audio graphic graphics-document graphics-symbol figure svg math embedded embed object iframe plugin
    unknown icon animation""",
) | {"drawing area", "document frame", "internal frame", "embedded object", "html container"}
PICTURE_TAGS = word_set("img picture canvas video audio svg iframe embed object")
# Their name is said by the title bar or by children; their box is mostly other nodes.
CONTAINER_ROLES = word_set(
    """document group window frame dialog alertdialog panel filler form region main navigation banner contentinfo complementary article
    section
    list table grid row rowgroup tree menubar toolbar tablist tabpanel radiogroup application generic none presentation body html root feed
    log status""",
) | {
    "scroll pane", "split pane", "menu bar", "tool bar", "page tab list", "status bar", "layered pane", "root pane", "document web",
    "list box",
    "document text",
}  # fmt: skip
# They name what stands after them; and into these something can be typed or chosen.
LABEL_ROLES = word_set("text label static labeltext caption") | {"static text"}
FIELD_ROLES = word_set("textbox searchbox combobox spinbutton entry passwordtext listbox editable") | {
    "combo box", "spin button", "text field", "password text",
}  # fmt: skip
KNOWN_ROLES = TEXT_ROLES | CONTROL_ROLES | PICTURE_ROLES | CONTAINER_ROLES | LABEL_ROLES | FIELD_ROLES
# The elements of HTML and SVG. Any other tag is a word of the page's author.
KNOWN_TAGS = word_set(
    """a abbr address area article aside audio b base bdi bdo blockquote body br button canvas caption cite code col colgroup data datalist
    dd del details dfn dialog div dl dt em embed fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html i
    iframe img input ins kbd label legend li link main map mark menu meta meter nav noscript object ol optgroup option output p param
    picture pre progress q rp rt ruby s samp script search section select slot small source span strong style sub summary sup svg table
    tbody td template textarea tfoot th thead time title tr track u ul var video wbr
    center font frame frameset marquee strike tt
    circle clippath defs desc ellipse filter foreignobject g image line lineargradient marker mask math path pattern polygon polyline
    radialgradient rect stop switch symbol text textpath tspan use view""",
)
