"""placeholder, written by the lead"""


class Yard: ...
