DROP TABLE operator_lock;
DROP INDEX activity_of_operator;
